"""What headings say: in Chinese, in English, as initials of pinyin (XM, SFZH, CSRQ). First of whom a column speaks, then what it says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

P, L, B, R = ("person",), ("legal_entity",), ("building",), ("room",)
PL = P + L

HEADINGS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # (pattern over the heading without the words that say of whom, in lower case without spaces and marks; kinds; element); the first that fits counts
    (r"曾用名|曾用名称|历史名称|(原|变更前|前)(名称?|姓名)$|别名|formername|formercompanyname|maidenname|alias|^cymc?$", PL, "former_name"),
    (r"(原|变更前|曾用|旧)(公民)?(身份证?|证件?|证照|护照)(号码?|编号)$|former(id|passport)(n|$)", P, "former_id_no"),
    (r"信用代码|纳税人识别号|识别号$|税号$|^uscc|creditcode|^(ty)?sh?xydm$|^nsrsbh$|^xydm$", L, "uscc"),
    (r"^代码$", L, "uscc"),
    (r"注册号|机构代码|税务登记号|登记证号|registrationn(o|umber)|regno|companyno|^zch$|^zzjgdm$", L, "reg_no"),
    (r"(成立|设立|注册|开业|成立登记)(日期|时间)$|founded|incorporat|establish|^clrq$", L, "founded"),
    (r"经营范围|业务范围|scope|^jyfw$", L, "scope"),
    (r"注册资本|注册资金|开办资金|capital$|^zczb$", L, "capital"),
    (r"(企业|主体|机构|法人|公司|登记注册|单位|组织)(类型|类别|性质)$|legalform|companytype|^qylx$", L, "legal_form"),
    (r"(房屋|房产|户室|房号|房间|不动产单元|单元房)(代码|编码|编号|号|id)$|room(code|id|no)|unitcode|^f(w|h)bm$|^bdcdyh$", R, "room_code"),
    (r"建筑面积|套内面积|房屋面积|^面积|floorarea|^area$|^jzmj$", R, "area"),
    (r"(楼栋|楼幢|楼宇|楼房|建筑物?|幢|栋|大楼)(代码|编码|编号|号|id)$|building(code|id|no)|^l[dz]bm$", B, "building_code"),
    (r"(楼栋|楼幢|楼宇|建筑物|小区|大楼).*名称?$|buildingname|estatename|^ldmc$|^xqmc$", B, "name"),
    (r"(楼栋|楼幢|楼宇|建筑物|幢|栋)(地址|坐落|位置)|buildingaddress", B, "address"),
    (r"总?(楼)?层数|地上层数|floors|storeys|^zcs$", B, "floors"),
    (r"(建成|竣工|建造|建筑)(年份|年代|时间|日期|年)|yearbuilt|builtin|^jcnf$", B, "built"),
    (r"所在(楼)?层|^楼层$|^层次$|^floor(no)?$|^szc$", R, "floor"),
    (r"(房屋|不动产|房产)?坐落|(房屋|标准|租赁|房产)地址|roomaddress|^fwzl$", R, "address"),
    (r"(登记|经营|企业|纳税人|主体|机构)状态|^状态$|^status$|^djzt$", L, "status"),
    (r"证件(类型|种类|类别)|证照类型|idtype|^zj(lx|zl)$", P, "id_type"),
    (r"(身份证|证件|证照|号码|证号).*([后末前][一二三四五六七八0-9]位|尾号)|尾号$", PL, "id_part"),
    (r"身份证(件)?(号码?|编号)?$|身份号码?|证[件照](号码?|编号)?$|^证?号码?$|护照号?码?$|通行证号?码?$|社会保障号码?|保障号码?$|身份证$", P, "id_no"),
    (r"idcard|identityn|nationalid|^id_?n(o|umber)$|idn(o|umber)$|citizenid|passport|^(gm)?sfz?h(m|ao)?$|^sfzjh(m)?$|^zjh(m)?$", P, "id_no"),
    (r"出生地|籍贯|祖籍|国籍|户籍(省份|地区)|^地区$|birthplace|placeofbirth|bornin|nationality|^csd$|^jg$", P, "birth_place"),
    (r"虚岁", P, "nominal_age"),
    (r"年龄$|周岁|^age$|^nl$", P, "age"),
    (r"出生(日期|时间|年月日?|日)?$|生日$|^生于|dob|birth(day|date)?$|dateofbirth|^born$|^cs(rq|ny)$", P, "birth"),
    (r"性别(代码)?$|^sex|gender|^xb$", P, "sex"),
    (r"民族$|ethnic|^mz$", P, "ethnicity"),
    (r"邮编|邮政编码|postcode|postalcode|zip|^yz?b(m)?$", P, "postcode"),
    (r"电话|手机|联系方式|phone|mobile|^tel|cell|^(lx)?dh(hm)?$|^sj(h|hm)?$", PL, "phone"),
    (r"住址|地址|住所$|居住地$|现住|户籍地$|(经营|办公|营业)(场所|地点)|address|^(hj|jt|x|tx|zc|jy)?(dz|zz|zs)$", PL, "address"),
    (r"职业$|工种$|occupation|profession|jobtitle|^job$|^zy$", P, "occupation"),
    (r"^户号|户口簿号|家庭编号|householdn|household_?id|^hh$", P, "household_no"),
    (r"与?户主关系|家庭关系|^关系$|relation|^y?hzgx$", P, "relation"),
    (r"婚姻状况|婚姻状态|婚况|marital|^hyzk$", P, "marital"),
    (r"^(first|given|fore|christian)names?$|^名$|名字", P, "given_name"),
    (r"firstandsurname", P, "name"),
    (r"surname|lastname|familyname|^姓$|姓氏", P, "surname"),
    (r"姓名$|现名$|fullname|personname|^xm$|^xingming$", P, "name"),
    (r"^(法人|经营者)(单位)?(名称|全称)$", L, "name"),
    (r"^(企业|单位|公司|机构|商号|组织)?(全?名称|全称)$|^name$|^mc$", PL, "name"),
)

_CLASSES = frozenset({"sex", "ethnicity", "relation", "marital", "occupation"})
TAILS: tuple[tuple[str, frozenset[str]], ...] = (
    # (how a heading ends that is not one of the above, and the elements its column may then still be by its values: the last word says what a cell is)
    (r"日期|时间|年月日?|年份|期限|有效期|[起止至]|^(签发|出生)|rq|sj|date|time", frozenset()),
    (r"类型|类别|种类|性质|方式|状态|结果|原因|业态|等级|级别|lx|zt|type|kind|state|reason", _CLASSES),
    (r"机关|派出所|街镇|街道|社区|中心|医院|分局|税务所|[市区县]", frozenset({"birth_place"})),
    (r"关系", frozenset()),
    (r"编号|代码|编码|号码?|字号|账号|bh|dm|h|zh|no|code|id|number", frozenset({"id_no", "uscc", "phone"})),
    (r"(经办|审核|录入|登记|填表|制表|核查|调查|采集|操作|发证|接生|审批|核实|公证)(人员?|员|者)", frozenset()),
    (r"(金额|报价|价格|限价|租金|费用|罚款)(万?元)?|amount|price", frozenset()),
)

NAMED = re.compile(r"(人|者|方|户|主|名|名称|业主|单位|企业|公司|学校|商户|对象|姓名|xm|mc|name)$", re.IGNORECASE)
"""Headings that end so hold names where their values are names, whatever else they say."""

ROLES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # (role, kinds it may be of, the words a heading begins with); "person" and "legal_entity" are those whom the rows are about
    ("father", P, "父亲 生父 养父 收养人父 父 fathers father fq"),
    ("mother", P, "母亲 生母 养母 收养人母 母 mothers mother mq"),
    ("child", P, "新生儿 婴儿 被收养人 子女 孩子 newborn child"),
    ("spouse", P, "配偶 爱人 spouses spouse po"),
    ("husband", P, "男方 丈夫 新郎 husband nanf"),
    ("wife", P, "女方 妻子 新娘 wife nvf"),
    ("head", P, "户主 householder head hz"),
    ("legal_rep", P, "法定代表人 法人代表 法人 主要负责人 负责人 经营者 投资人 执行事务合伙人 legalrepresentative legalrep fddbr frdb fr"),
    ("owner", PL, "权利人 产权人 所有权人 业主 owner qlr"),
    ("guardian", P, "监护人 guardian jhr"),
    ("relative", P, "家庭成员 共同居住人 成员 家长 家属 亲属 紧急联系人 relative"),
    ("landlord", PL, "出租人 出租方 房东 房主 landlord lessor czr"),
    ("tenant", PL, "承租人 承租方 租客 租户 tenant lessee"),
    ("shareholder", PL, "股东 出资人 shareholder gd"),
    ("contact", P, "业务联系人 联系人 contactperson contact lxr"),
    ("delegate", P, "被授权人 授权代表 授权委托人 委托代理人 被委托人 委托人 delegate"),
    ("clerk", P, "办税人员 办税人 办税员 财务负责人 联络员"),
    ("buyer", L, "招标人 招标单位 采购人 采购单位 buyer"),
    ("agency", L, "招标代理机构 采购代理机构 代理机构 agency"),
    ("bidder", L, "投标人 投标单位 投标企业 供应商 bidder"),
    ("partner", L, "联合体成员 联合体单位"),
    ("agent", L, "代办机构 代办单位"),
    ("subcontractor", L, "分包单位 分包商 分包人"),
    ("staff", P, "项目负责人 项目经理"),
    ("parent_firm", L, "隶属企业 隶属单位 上级单位 主管单位 总公司 母公司 parentcompany"),
    ("employer", L, "工作单位 服务处所 用人单位 就业单位 从业单位 原单位 所在单位 参保单位 缴存单位 任职单位 受雇单位 employer"),
    ("school", L, "就读学校 所在学校 学校 school"),
    ("person", P, "申领人 申请人 参保人员 参保人 持证人 领证人 持卡人 死者 逝者 死亡人员 亡者 学生 被保险人 居民 本人 救助对象 患者 职工 从业人员 公民 个人"),
    ("person", P, "被扶养人 纳税义务人 deceased student pupil applicant cardholder insured gr"),
    ("legal_entity", L, "企业 单位 公司 机构 社会组织 字号 商户 纳税人 company firm organisation organization org dw qy gs jg"),
    ("subject", PL, "行政相对人 相对人 当事人 被处罚人 缴费人 客户 用户 户名 持证主体 经营主体 市场主体 主体 customer client subscriber kh yh"),
)
"""`subject` is a person or a firm: the values say which."""

WORDS: Mapping[str, tuple[str, tuple[str, ...]]] = dict(
    sorted(((word, (role, kinds)) for role, kinds, words in ROLES for word in words.split()), key=lambda item: -len(item[0]))
)
"""A word -> the role it speaks of and its kinds; the longest first."""

NOT_OF = re.compile(r"^户主关系|^与.*关系|^(法人|经营者|主体|单位|企业|机构|用户|客户)(类型|类别|性质|状态)$|^(法人|经营者)(单位)?(名称|全称)$")
"""Headings that begin with such a word and speak of none of these."""

FOLLOWED = frozenset({"contact", "guardian", "relative", "delegate", "clerk", "landlord", "tenant"})
"""Whose telephone it is that stands right behind their name, without a word of whose."""
