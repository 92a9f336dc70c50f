"""What a legal entity's name is made of: region, brand, trade and legal form, in that order; worked out once for each distinct name, on columns."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from cityweave.engine.model import Arguments, Files, Inputs
from cityweave.resolver.names import by_character, characters_of, lookalikes, plain_text, simplified, sounds_of

FORMS = {
    "股份有限公司": "股份有限公司",
    "股份公司": "股份有限公司",
    "有限责任公司": "有限公司",
    "有限公司": "有限公司",
    "责任公司": "有限公司",
    "合伙企业(有限合伙)": "合伙企业",
    "合伙企业(普通合伙)": "合伙企业",
    "(有限合伙)": "合伙企业",
    "(普通合伙)": "合伙企业",
    "合伙企业": "合伙企业",
    "合伙": "合伙企业",
    "个人独资企业": "个人独资企业",
    "(个体工商户)": "个体工商户",
    "个体工商户": "个体工商户",
}
"""Endings of a name that say the legal form (Company Law of the PRC, art. 7; Partnership Enterprise Law, art. 15). A bare 公司 says none."""

TRADES = (
    "贸易 商贸 科技 电子 电子科技 实业 物流 货运 运输 快递 建筑 建筑工程 建设 工程 装饰 装饰设计 装饰工程 设计 餐饮 餐饮管理 饮食 信息 信息技术 信息科技 技术 文化 文化传播 传媒 投资 投资管理 投资咨询 "
    "物业 物业管理 物业服务 服装 服饰 制衣 机械 机械设备 设备 器材 医疗器械 医疗 医药 药业 广告 人力资源 劳务 劳务派遣 进出口 国际贸易 网络 网络技术 网络科技 软件 食品 饮料 农业 教育 教育咨询 咨询 "
    "管理咨询 企业管理 管理 服务 汽车 汽车服务 汽车销售 环保 环保科技 五金 五金制品 塑胶 塑料 制品 包装 印刷 化工 建材 家具 玩具 珠宝 电器 电气 光电 半导体 通信 通讯 能源 新能源 新材料 材料 生物 "
    "生物科技 旅行社 旅游 酒店 酒店管理 宾馆 房地产 房地产开发 置业 地产 金融 保险 担保 小额贷款 资产管理 供应链 供应链管理 超市 百货 小吃店 便利店 理发店 五金店 服装店 水果店 面馆 药店 药房 大药房 杂货店 "
    "洗衣店 修理部 花店 奶茶店 烟酒商行 商行 文具店 餐馆 餐厅 饭店 早餐店 美容店 美容美发 建材经营部 经营部 通讯器材店 门市部 工作室 事务所 律师事务所 会计师事务所 诊所 幼儿园 学校 培训中心 中心 医院 厂 "
    "旅游开发 旅游文化 文化旅游 农业开发 农业科技 农业发展 农牧 农产品 生态农业 种植 养殖 种养殖 林业 渔业 水产 畜牧 粮油 茶业 茶叶 酒业 酒类 饲料 种业 矿业 煤业 煤炭 能源科技 电力 电力工程 水利 水务 燃气 热力 石油 石化 "
    "钢铁 钢结构 金属 金属制品 铝业 铸造 冶金 机电 机电设备 模具 精密 仪器 仪表 电线电缆 电缆 照明 灯饰 智能科技 智能 数据 大数据 电子商务 电商 商务 商业 商业管理 园林 园林绿化 绿化 景观 市政 市政工程 路桥 "
    "公路工程 消防 消防工程 监理 勘察设计 建筑设计 建筑劳务 混凝土 水泥 石材 陶瓷 玻璃 门窗 木业 竹业 纸业 橡胶 皮革 鞋业 纺织 针织 家纺 日用品 日化 化妆品 涂料 家政 家政服务 保洁 保安 保安服务 安保 养老服务 "
    "健康管理 健康 健康科技 康复 口腔 眼镜 美容 美发 体育 体育文化 健身 影视 影视文化 演艺 会展 策划 营销 营销策划 印务 图书 出版 教育科技 培训 技工 职业培训 租赁 汽车租赁 汽车维修 汽车贸易 汽车配件 摩托车 出租 "
    "公交 客运 航运 仓储 冷链 冷链物流 快运 配送 票务 航空 信用 融资 融资担保 典当 拍卖 评估 测绘 检测 检验检测 税务师事务所 资产评估 代理 知识产权 专业合作社 农民专业合作社 合作社 家庭农场 农场 加工厂 制造 开发 发展 "
    "集团 控股 国际 商店 商场 商贸城 市场 批发部 批发 零售店 小卖部 烟酒店 副食店 粮油店 水产店 肉铺 蔬菜店 早点店 火锅店 烧烤店 米粉店 快餐店 茶楼 酒楼 旅馆 客栈 民宿 网吧 歌厅 棋牌室 维修店 维修部 汽修厂 洗车店 "
    "加油站 打印店 照相馆 书店 服饰店 鞋店 窗帘店 家具店 建材店 电器店 手机店 药业连锁 卫生室 卫生院 门诊部 养老院 敬老院 小学 中学 学院 研究院 研究所 协会 商会 基金会"
).split()
"""Words that say what a firm does."""

FEATURES = ("text", "name", "spelt", "core", "region", "brand", "trade", "form", "pinyin", "look")

_MUNICIPALITY, _DISTRICT, _TOWN = r"\p{Han}{2,6}?市", r"\p{Han}{1,6}?(?:新区|[^社小园校]区|县)", r"\p{Han}{1,7}?[镇乡]"
_PLACE = rf"^(?:\p{{Han}}{{2,8}}?(?:省|自治区))?(?:(?:{_MUNICIPALITY}(?:{_DISTRICT})?|{_DISTRICT})(?:{_TOWN})?|\p{{Han}}{{1,6}}?镇)?"
"""A township (乡) counts behind a city, district or county, and alone where some name tells it so: 水乡 and 故乡 begin many a name."""

_COMMITTEE = (("村?村民?委员?会$", "村民委员会"), ("居委会$", "居民委员会"))
_ORDINAL = "[一二三四五六七八九十]{1,3}"
_SCHOOL = ((f"^市(第{_ORDINAL})", "${1}"), (f"(^|[市县区])({_ORDINAL})中$", "${1}第${2}中学"), (f"(^|[市县区])({_ORDINAL})小$", "${1}第${2}小学"))
"""市第八中学 is the city's own, whose name goes without saying; 八中 is short for 第八中学."""
_ENDING = "(" + "|".join(form.replace("(", r"\(").replace(")", r"\)") for form in sorted(FORMS, key=lambda form: (-len(form), form))) + ")$"
_BRANCH = r"有限责任公司(\p{Han}{2,12}(?:分公司|分店|分部|办事处|营业部))$"
_TRADE = "(" + "|".join(sorted(TRADES, key=lambda trade: (-len(trade), trade))) + ")$"


def name_form(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `name_form_legal_entity`: for each distinct name as delivered its parts, and as `name` these put together again,
    so that 有限责任公司 and 有限公司, 粤海甲公司 and 甲（粤海）公司 are one; as `spelt` with the region as it is written before them, for 粤海甲公司 and 粤海市甲公司
    may both be registered. Cities known without 市 are those that some name writes with it; a district
    without its city is that of the city that nearly all names (19 of 20) write before it."""
    (table,) = inputs.values()
    frame = pl.DataFrame({"text": table.column("text")}).sort("text").with_columns(name=plain_text(pl.col("text")).str.replace_all(" ", ""))
    frame = frame.filter(pl.col("name").is_not_null() & (pl.col("name") != ""))
    frame = frame.with_columns(by_character(frame, "name", simplified(characters_of(frame["name"]))))
    for pattern, written in ((_BRANCH, "有限公司${1}"), *_COMMITTEE, *_SCHOOL):
        frame = frame.with_columns(name=pl.col("name").str.replace(pattern, written))
    frame = _regions(_endings(frame))
    spelt = pl.concat_str("before", "core", "form", ignore_nulls=True)
    frame = frame.with_columns(name=pl.concat_str("region", "core", "form", ignore_nulls=True), spelt=pl.when(pl.col("before").is_not_null()).then(spelt))
    trade = pl.col("core").str.extract(_TRADE)
    brand = pl.col("core").str.replace(_TRADE, "")
    frame = frame.with_columns(
        trade=pl.when(brand != "").then(trade),
        brand=pl.when(brand != "").then(brand).otherwise(pl.col("core")),
    )
    sounds = sounds_of(characters_of(frame["core"]))
    frame = frame.with_columns(by_character(frame, "core", sounds).alias("pinyin"), by_character(frame, "core", lookalikes()).alias("look"))
    return frame.select(FEATURES).sort("text").to_arrow()


def _endings(frame: pl.DataFrame) -> pl.DataFrame:
    """Splits the legal form off the end; a bare 公司 goes too."""
    ending = pl.col("name").str.extract(_ENDING)
    rest = pl.col("name").str.replace(_ENDING, "").str.replace("公司$", "")
    return frame.with_columns(
        form=ending.replace_strict(FORMS, default=None, return_dtype=pl.String), rest=pl.when(rest != "").then(rest).otherwise(pl.col("name"))
    )


def _regions(frame: pl.DataFrame) -> pl.DataFrame:
    """Splits the region off the front, or out of brackets; what is left is the core."""
    frame = frame.with_columns(place=pl.col("rest").str.extract("(" + _PLACE + ")"))
    word = pl.col("rest").str.strip_prefix(pl.col("place")).str.contains("^[政场民容]")  # 第三市政工程 is no firm of a city 第三
    cities = frame.filter(~word).select(_CITY.drop_nulls().unique().sort()).to_series().to_list()
    place = pl.when(word & ~_CITY.is_in(cities)).then(pl.lit("")).otherwise("place")
    towns = frame.select(place.str.extract(f"[市区县]({_TOWN})$").drop_nulls().unique().sort()).to_series().to_list()
    bare = f"^({'|'.join([*towns, *cities])})" if cities or towns else "^$"
    bracket = r"\((\p{Han}{2,8})\)"
    behind = pl.when(place.str.contains("(省|自治区)$")).then(pl.col("rest").str.strip_prefix(place).str.extract(bare)).fill_null("")
    front = pl.when(place != "").then(place + behind).otherwise(pl.col("rest").str.extract(bare))
    region = pl.coalesce(front, pl.col("rest").str.extract(bracket))
    core = pl.col("rest").str.strip_prefix(front.fill_null("")).str.replace(bracket, "")
    core = pl.when(core.str.len_chars() >= 2).then(core).otherwise(pl.col("rest"))
    front, region = (part.str.replace(r"^\p{Han}{2,8}?(?:省|自治区)(\p{Han}{2,6}?市)", "${1}") for part in (front, region))  # the province goes without saying
    before = pl.when(front.is_not_null() | region.is_null()).then(front.fill_null(""))
    return _completed(frame.with_columns(region=pl.when(region != "").then(region.str.strip_suffix("市")), core=core, before=before))


_CITY = pl.col("place").str.extract(r"(\p{Han}{2,4})市")


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """Puts what is before a district or town, its city (and district), before one that stands without."""
    region = pl.col("region")
    parts = frame.with_columns(city=region.str.extract("^(.*市)"))
    ends = (region.str.extract("^.*?市(.*[区县镇乡])$"), region.str.extract(f"[区县]({_TOWN})$"))
    named = pl.concat([parts.filter(pl.col("city").is_not_null()).select(end=end, of="region") for end in ends]).drop_nulls()
    counted = named.group_by("end", "of").len().with_columns(total=pl.col("len").sum().over("end"))
    sure = counted.filter(pl.col("len") * 20 >= pl.col("total") * 19).select(region="end", of="of")
    told = parts.join(sure, on="region", how="left", maintain_order="left")
    alone = pl.col("city").is_null() & pl.col("of").is_not_null()
    before = pl.when(alone & pl.col("before").is_not_null()).then("of").otherwise("before")
    return told.with_columns(region=pl.when(alone).then("of").otherwise("region"), before=before).drop("city", "of")
