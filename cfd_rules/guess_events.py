"""Which events a row may tell, and what shows it: the roles a row has, the headings, dates and words beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Telling:
    """An event that a row may tell, and the evidence that it does."""

    type: str
    parties: Mapping[str, str]  # its role -> record roles that may be it: a|b|c*; or "thing kind:heading of its column"
    needs: str = ""  # a heading that must be there
    unless: str = ""  # a heading that must not
    told_by: str = ""  # the heading of a date without which a row does not tell it
    words: str = ""  # words of a column that say a row tells it; where a column has such words they decide
    worded: bool = False  # only told by such words
    start: str = ""  # heading of its first day, the best first: a;b
    end: str = ""
    detail: str = ""  # heading of what is told beside
    optional: tuple[str, ...] = ()


_ADDRESS = "thing address:"
_CERTIFICATE = (
    "thing certificate:((居住|居留|许可|资格|职业|从业|证书|执照|暂住|老年|敬老|残疾|证照).*(号码?|编号)|证书号|^卡号|"
    "(permit|licen[cs]e|certificate|card)_?(no|number|id))$"
)
_LOT = "thing tender:标段编号|项目编号|招标编号"
_SUPPLY = "用[电水气]|供[电水气]|燃气|电表|水表|气表|meter"
TELLINGS: tuple[Telling, ...] = (
    Telling(
        "birth", {"child": "child|person", "father": "father", "mother": "mother"}, unless="收养|adopt", start="element birth", optional=("father", "mother")
    ),
    Telling(
        "adoption", {"child": "child", "father": "father", "mother": "mother"}, needs="收养|adopt", start="收养日期;登记日期", optional=("father", "mother")
    ),
    Telling(
        "marriage",
        {"spouse_a": "husband", "spouse_b": "wife"},
        words="^(?!补|换).*(结婚|复婚)|marriage",
        start="结婚日期;登记日期;办理日期;marri",
        unless="^离婚",
    ),
    Telling("marriage", {"spouse_a": "husband", "spouse_b": "wife"}, words="(补|换).*结婚", worded=True, start="原登记;原结婚"),
    Telling("divorce", {"spouse_a": "husband", "spouse_b": "wife"}, words="离婚|divorce", worded=True, start="离婚日期;登记日期;办理日期;divor"),
    Telling("marriage", {"spouse_a": "person|head", "spouse_b": "spouse"}, start="结婚日期;结婚登记日期;marri"),
    Telling("death", {"deceased": "person"}, told_by="死亡日期|死亡时间|去世|death", words="死亡|病故|身故|deceased", start="死亡日期;死亡时间;去世;death"),
    Telling("departure", {"resident": "person"}, words="迁出|出国|出境|定居国外|离开本", worded=True, start="迁出日期;离开日期;注销日期"),
    Telling(
        "employment",
        {"employee": "person|clerk", "employer": "employer|legal_entity"},
        start="参保(日期|年月|时间);入职;参加工作;起缴;聘用;start",
        end="终止;停保;离职;停缴;end",
    ),
    Telling("founding", {"firm": "legal_entity"}, start="element founded"),
    Telling(
        "cancellation", {"firm": "legal_entity"}, told_by="注销日期|注销时间|吊销日期|注吊销", words="^注销$", start="注销日期;注销时间;吊销;注吊销;状态日期"
    ),
    Telling("legal_representative", {"person": "legal_rep", "firm": "legal_entity"}, start="任职|就任"),
    Telling("shareholding", {"holder": "shareholder*", "firm": "legal_entity"}, start="出资(时间|日期);认缴日期"),
    Telling("tax_registration", {"firm": "legal_entity"}, needs="纳税人|税务登记", start="登记日期;税务登记日期"),
    Telling("penalty", {"firm": "legal_entity"}, needs="处罚", start="决定日期;处罚日期;处罚决定", detail="违法事实;违法行为;案由;处罚事由"),
    Telling("ownership", {"owner": "owner", "room": "room"}, start="登簿;登记(日期|时间);取得(日期|时间);发证日期", end="注销日期;终止日期"),
    Telling("part_of", {"room": "room", "building": "building"}),
    Telling("schooling", {"pupil": "person", "school": "school"}, start="入学", end="毕业日期;离校", detail="学段;年级"),
    Telling("guardianship", {"guardian": "guardian", "ward": "person|child"}),
    Telling(
        "benefit",
        {"recipient": "person|head"},
        needs="救助|低保|补贴|津贴|待遇类别|benefit",
        start="享受;发放;起始;核定",
        end="停发;终止",
        detail="(救助|补贴|津贴|待遇|保障)(类别|类型|种类|项目)",
    ),
    Telling(
        "certificate",
        {"holder": "person|legal_entity", "certificate": _CERTIFICATE},
        needs="有效期|截止日|到期|发证|签发|发卡|颁证|制证|expir|issue",
        start="签发;发证;发卡;颁发;颁证;有效期起;issue",
        end="有效期(?!起);截止日;到期;expir",
        detail="(证书|许可证?|卡)(类型|类别|种类|名称)",
    ),
    Telling(
        "account",
        {"holder": "person|legal_entity", "home": _ADDRESS},
        needs=_SUPPLY,
        start="立户;开户;开通",
        end="销户;停用",
    ),
    Telling("household", {"member": "person", "household": "thing household:element household_no"}, detail="element relation"),
    Telling("household", {"member": "head", "household": "thing household:(救助|低保|保障|家庭).*(证号|编号)"}),
    Telling("household", {"member": "relative", "household": "thing household:(救助|低保|保障|家庭).*(证号|编号)"}, detail="element relation"),
    Telling(
        "residence",
        {"resident": "tenant", "home": "thing address:element room.address"},
        start="租期起;租赁起;起租;租赁开始",
        end="租期止;租赁止;止租;租赁结束;租赁终止",
    ),
    Telling("residence", {"resident": "person", "home": _ADDRESS}, needs="居住证|居留", start="签发;发证;issue"),
    Telling("residence", {"resident": "person|child|head", "home": _ADDRESS}, unless=_SUPPLY, start="迁入;入住;来本市;居住起"),
    Telling(
        "enrolment",
        {"bidder": "bidder|legal_entity", "contact": "contact", "phone": "thing phone:联系(人)?(电话|手机)"},
        needs="入库|enrol",
        start="入库;enrol",
        optional=("contact", "phone"),
    ),
    Telling(
        "tender",
        {"lot": _LOT, "buyer": "buyer", "agency": "agency"},
        start="开标",
        optional=("agency",),
    ),
    Telling(
        "bid",
        {"bidder": "bidder", "lot": _LOT, "contact": "contact", "delegate": "delegate", "staff": "staff"}
        | {"partner": "partner", "agent": "agent", "subcontractor": "subcontractor"}
        | {"phone": "thing phone:联系电话|联系人手机", "device": "thing device:机器码|mac地址", "account": "thing account:保证金.*账号"},
        start="递交;投标时间;开标",
        optional=("contact", "delegate", "staff", "partner", "agent", "subcontractor", "phone", "device", "account"),
    ),
)
CONSTANTS = (
    # (heading, what is told beside an event where no column says it)
    ("birth", "出生医学|出生证|新生儿|接生|birth_?certificate|newborn", "birth"),
    ("certificate", "居住证", "residence_permit"),
    ("certificate", "敬老|老年", "senior_card"),
    ("account", "用电|供电|电表", "电"),
    ("account", "用气|供气|燃气|气表", "气"),
    ("account", "用水|供水|水表", "水"),
)
LISTS = {"relation": "gbt4761"}
DETAILS: Mapping[str, Mapping[str, str]] = {
    # type -> its details by the headings that tell them
    "bid": {"price": "报价|price", "won": "是否中标|^won$", "part": "^包号"},
    "tender": {
        "project": "(标段|项目|工程)名称",
        "category": "项目类别",
        "method": "(采购|招标)方式",
        "ceiling": "限价|控制价|预算",
        "published": "公告(日期|时间)",
    },
}
YES_NO = {"是": "1", "否": "0", "Y": "1", "N": "0", "true": "1", "false": "0"}
