"""The forms of sentences (api/sentences.py): one table, Chinese and English, each with an example, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Mapping

from cityweave.api.model_prove import RELATION_WORDS
from cityweave.api.sentence_lists import LIST_FORMS, Fields, Form, Groups, number

NUMBER = r"\d{17}[\dXx]|\d{15}"


def _proof(groups: Groups) -> Fields:
    names = {name: groups[name].strip(" ,，") for name in ("one_name", "one_number", "other_name", "other_number")}
    return {"relation": RELATION_WORDS[groups["relation"].lower()], **names}


RELATED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("配偶", "爱人", "丈夫", "妻子", "老公", "老婆", "spouse", "husband", "wife", "married to"), ("spouse",)),
    **dict.fromkeys(("父母", "父亲", "母亲", "爸爸", "妈妈", "parents", "father", "mother", "父母和子女", "父母子女", "parents and children"), ("parent",)),
    **dict.fromkeys(("子女", "孩子", "儿子", "女儿", "children", "child", "son", "sons", "daughter", "daughters"), ("parent",)),
    **dict.fromkeys(("亲属", "亲戚", "家人", "亲人", "relatives", "family"), ("kin", "parent", "spouse")),
    **dict.fromkeys(("户主", "head of household"), ("kin",)),
    **dict.fromkeys(("监护人", "被监护人", "guardian", "guardians", "wards"), ("guardian",)),
    **dict.fromkeys(
        (
            *("法定代表人", "法人代表", "法人", "法代", "负责人", "legal representative", "legal representatives", "represents", "represent"),
            *("person in charge", "in charge of", "heads", "runs"),
        ),
        ("legal_representative",),
    ),
    **dict.fromkeys(("单位", "工作单位", "雇主", "员工", "职工", "employer", "employers", "employees", "staff", "works for", "works at"), ("works_for",)),
    **dict.fromkeys(("分公司", "分支机构", "分店", "总公司", "总机构", "总部", "branch", "branches", "head office"), ("branch_of",)),
    **dict.fromkeys(("学校", "学生", "school", "schools", "pupils", "students"), ("studies_at",)),
    **dict.fromkeys(("住址", "住处", "地址", "现住址", "居住地址", "address", "addresses", "home"), ("lives_in",)),
    **dict.fromkeys(("户口", "户籍", "户籍地址", "户籍所在地", "户籍地", "户口所在地", "household registration"), ("household", "lives_in")),
    **dict.fromkeys(("房产", "房屋", "房子", "房", "property", "properties", "rooms", "flats", "houses"), ("owns",)),
}
"""Who or what of an entity is asked -> the relations that say it. Both ends of a relation are shown: whose parents are asked, whose children are seen."""

DOES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("住", "live"), RELATED["住址"]),
    **dict.fromkeys(("工作", "上班", "work"), RELATED["单位"]),
    **dict.fromkeys(("上学", "读书", "就读", "study"), RELATED["学校"]),
}


def _related(groups: Groups) -> Fields:
    return {"types": RELATED[groups["what"].lower()] if groups.get("what") else DOES[groups["does"].lower()]}


def _steps(groups: Groups) -> Fields:
    return {"depth": number(groups["depth"])} if groups["depth"] else {}


STEPS, COUNT = (rf"(?P<{name}>\d+|[一二两三四五六七八九十百]+)" for name in ("depth", "best"))
WHERE = r"(?:哪里|哪儿|什么地方|(?:哪|什么)(?:家|个|所)?(?:单位|公司|企业|学校)?)"
PERSON, FIRM, PLACE, ANY = ("person",), ("legal_entity",), ("room", "building"), ("person", "legal_entity", "room", "building")
RELATIONS, WHAT, DOING = ("|".join(sorted(words, key=len, reverse=True)) for words in (RELATION_WORDS, RELATED, DOES))

KINDS_OF_KIN: Mapping[str, str] = {
    **dict.fromkeys(("祖父母和外祖父母", "grandparent", "grandparents"), "grandparent"),
    **dict.fromkeys(("爷爷奶奶", "祖父母", "paternal grandparents"), "paternal_grandparent"),
    **dict.fromkeys(("外公外婆", "姥姥姥爷", "外祖父母", "maternal grandparents"), "maternal_grandparent"),
    **dict.fromkeys(("爷爷", "祖父", "paternal grandfather"), "paternal_grandfather"),
    **dict.fromkeys(("奶奶", "祖母", "paternal grandmother"), "paternal_grandmother"),
    **dict.fromkeys(("外公", "姥爷", "外祖父", "maternal grandfather"), "maternal_grandfather"),
    **dict.fromkeys(("外婆", "姥姥", "外祖母", "maternal grandmother"), "maternal_grandmother"),
    **dict.fromkeys(("兄弟姐妹", "sibling", "siblings", "brothers and sisters"), "sibling"),
    **dict.fromkeys(("孙子女", "孙辈", "grandchild", "grandchildren"), "grandchild"),
    "grandfather": "grandfather",
    "grandmother": "grandmother",
}
"""Words of kin that one relation alone does not say -> the relation of `relatives`."""
KINDRED = "|".join(sorted(KINDS_OF_KIN, key=len, reverse=True))
YEAR = r"(?:(?P<year>\d{4})年|去年|(?P<now>今年))"
YEAR_EN = r"(?:in (?P<year>\d{4})|last year|(?P<now>this year))"
FINED = "(?:行政)?(?:处罚|处过罚|罚款|罚)"

ORGANISED = (
    r"(?P<id>l[0-9a-hjkmnp-tv-z]{1,13}|.+?(?:公司|企业|集团|中心|厂|店|部|社|馆|铺|站|局|超市|餐厅|酒楼|工作室|学校|幼儿园"
    r"|[银商车支分]行|事务所|诊所|研究所|[医学研究福利]院|[市农牧林]场|[协学商员金]会))"
)
"""What names a firm by its last word: whose address is asked, and whose penalties. A person's address is a relation, a firm's a value of its register."""
SEATED = "(?:注册|登记)(?:地址|地|所在地)"
LED = "(?:法定代表人|法人代表|法人|法代|负责人)"

FORMS: tuple[Form, ...] = (
    Form(
        "prove",
        "王秀英（号码）是李伟（号码）的母亲吗",
        "is 王秀英 (number) the mother of 李伟 (number)",
        (
            rf"(?P<one_name>.+?)[（(]?(?P<one_number>{NUMBER})[)）]?是(?P<other_name>.+?)[（(]?(?P<other_number>{NUMBER})[)）]?的(?P<relation>{RELATIONS})吗?",
            rf"is (?P<one_name>.+?) \(?(?P<one_number>{NUMBER})\)? (?:the|a) (?P<relation>{RELATIONS}) of (?P<other_name>.+?) \(?(?P<other_number>{NUMBER})\)?",
        ),
        fields=_proof,
    ),
    *LIST_FORMS,
    Form(
        "control",
        "粤海明德科技有限公司的实际控制人是谁",
        "who controls 粤海明德科技有限公司",
        (
            r"(?P<id>(?!谁是).+?)的(?:实际控制人|控制人|实控人|老板|股东|大股东|最终受益人)(?:(?:都)?(?:是|有)(?:谁|哪些(?:人)?))?",
            rf"{ORGANISED}(?:实际控制人|控制人|实控人|老板|股东|大股东|最终受益人)(?:都)?(?:是|有)(?:谁|哪些(?:人)?)",
            rf"(?:who (?:is|are) )?(?:the )?(?:shareholders?|ultimate owners?|owners?) of {ORGANISED}",
            r"谁是(?P<id>.+?)的(?:实际控制人|控制人|实控人|老板|大股东|最终受益人)",
            r"(?:谁|哪些(?:人|公司|企业|单位)?)(?:持有|拥有|占有)(?:了)?(?P<id>.+?)的?(?:股份|股权|股票)",
            r"(?P<id>.+?)的?(?:股份|股权)(?:都)?(?:在|由|归|被)(?:谁|哪些人)(?:手里|手上|持有|所有)?",
            r"(?P<id>.+?)有哪些股东",
            r"who (?:holds|owns|has) (?:the )?shares (?:of|in) (?P<id>.+)",
            r"which shareholders does (?P<id>.+?) have",
            r"(?P<id>.+?)(?:是|由|被)谁(?:实际)?控制(?:的)?",
            r"谁(?:实际)?控制(?:了|着)?(?P<id>.+)",
            r"who (?:controls|(?:ultimately )?owns) (?!(?:the )?(?:room|building|flat|house) )(?P<id>.+)",
        ),
        {"id": FIRM},
    ),
    Form(
        "firms_of",
        "王秀英及其亲属有哪些企业",
        "which firms do 王秀英 and relatives have",
        (r"(?P<id>.+?)及(?:其)?亲属(?:名下)?(?:有|控制)哪些(?:企业|公司)", r"which firms do (?P<id>.+?) and relatives have"),
        {"id": PERSON},
        lambda groups: {"relatives": True},
    ),
    Form(
        "firms_of",
        "王秀英名下有哪些企业",
        "which firms does 王秀英 have",
        (
            r"(?P<id>.+?)(?:名下)?(?:都)?(?:有|控制|开了?)(?:哪些|几家|多少家)(?:企业|公司)",
            r"(?P<id>.+?)是哪些(?:企业|公司|合作社|单位)的(?:股东|成员|社员|老板)",
            r"(?:which|what) firms does (?P<id>.+?) (?:have|own)",
        ),
        {"id": PERSON},
    ),
    Form(
        "entity",
        "粤海明德科技有限公司的注册地址在哪里",
        "where is 粤海明德科技有限公司 registered",
        (
            rf"(?P<id>.+?)的?{SEATED}(?:是|在)?(?:什么|多少|{WHERE})?",
            rf"{ORGANISED}的?(?:住所|地址)(?:是|在)?(?:什么|多少|{WHERE})?",
            rf"{ORGANISED}(?:注册|登记)?在{WHERE}",
            rf"where (?:is|was) {ORGANISED}(?: registered)?",
            rf"(?:what is )?the (?:registered )?address of {ORGANISED}",
        ),
        {"id": FIRM},
    ),
    Form(
        "timeline",
        "粤海明德科技有限公司受过哪些处罚",
        "penalties of 粤海明德科技有限公司",
        (
            r"(?P<id>.+?)(?:的|有哪些|有什么|受过哪些|受过什么|有没有)(?:行政)?处罚(?:记录|情况)?(?:是什么|有哪些)?",
            r"(?P<id>.+?)(?:被|受)(?:行政)?(?:处)?罚过(?:没有|吗)",
            r"(?:list )?(?:the )?penalties of (?P<id>.+)",
            r"(?:has|was) (?P<id>.+?) (?:ever )?(?:been )?(?:penali[sz]ed|punished|fined)",
        ),
        {"id": ("legal_entity", "person")},
    ),
    Form(
        "household",
        "王秀英和谁同户",
        "who is in the household of 王秀英",
        (
            r"(?P<id>.+?)(?:和|与|跟)(?:谁|哪些人)(?:是)?(?:同(?:一)?户|(?:在)?(?:同)?一个户口本(?:上)?)",
            r"(?P<id>.+?)(?:家(?:里)?|一家|的?户口本上)(?:都)?有(?:哪些人|几口人|谁|几个人)",
            r"who is in the household of (?P<id>.+)",
            r"(?:the )?households? of (?P<id>.+)",
        ),
        {"id": PERSON},
    ),
    Form(
        "occupants",
        "谁住在rg0000ae5",
        "who lives at rg0000ae5",
        (r"(?:谁|哪些人)住在?(?P<id>.+)", r"(?P<id>.+?)住(?:着|的是|了)?(?:谁|哪些人|几户(?:人)?|多少人|几个人)", r"who lives (?:at|in) (?P<id>.+)"),
        {"id": PLACE},
    ),
    Form(
        "occupants",
        "rg0000ae5的产权人是谁",
        "who owns the room rg0000ae5",
        (
            r"(?P<id>(?!谁是).+?)的(?:产权人|房主|业主)(?:(?:是|有)(?:谁|哪些))?",
            r"谁是(?P<id>.+?)的(?:产权人|房主|业主)",
            r"who owns (?:the )?(?:room|building|flat|house) (?P<id>.+)",
        ),
        {"id": PLACE},
    ),
    Form(
        "rings",
        "哪些投标人可能是一伙",
        "which bidders may belong together",
        (
            r"哪些投标(?:人|单位|企业)(?:可能)?是一伙(?:的)?",
            r"(?:有哪些)?(?:疑似|可疑的?|涉嫌)?(?:围标串标|围标|串标|串通投标)(?:的)?(?:线索|团伙|情况)?(?:有哪些)?",
            r"(?:有)?哪些(?:投标人|公司|企业|单位)(?:疑似|涉嫌)(?:围标串标|围标|串标|串通投标)",
            r"(?:疑似|涉嫌)(?:围标串标|围标|串标|串通投标)的(?:投标人|公司|企业|单位|团伙)(?:有哪些)?",
            r"(?:suspected |possible )?(?:bid[- ]rigging|collusion)(?: rings| leads)?",
            r"which (?:bidders|firms) (?:are suspected of|may be) (?:bid[- ]rigging|collusion|colluding)",
            r"哪些(?:投标人|公司|企业|单位)(?:可能)?(?:在)?(?:围标|串标|围标串标)",
            r"which bidders (?:may )?belong together",
        ),
    ),
    Form(
        "ring",
        "线索gabcd2345有什么证据",
        "what is the evidence of lead gabcd2345",
        (r"线索(?P<lead>[0-9a-z]+)(?:有什么|的)证据(?:是什么)?", r"what is the evidence of lead (?P<lead>[0-9a-z]+)"),
        fields=lambda groups: {"id": groups["lead"]},
    ),
    Form(
        "draw",
        "画出王秀英三步之内的关系图",
        "draw the relations of 王秀英 within 3 steps",
        (
            rf"(?:请)?画(?:出|一下)?(?P<id>.+?)(?:的)?(?:{STEPS}步(?:之|以)?内)?(?:的)?(?:关系|关联)图?",
            r"(?P<id>[^的]+?)的(?:关系|关联)图(?P<depth>)",
            r"draw (?:the )?(?:relations|picture|graph) of (?P<id>.+?)(?: within (?P<depth>\d+) steps?)?",
        ),
        {"id": ANY},
        _steps,
    ),
    Form(
        "paths",
        "王秀英和李伟之间最好的3条关系链",
        "the 3 best chains between 王秀英 and 李伟",
        (
            rf"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:之间)?(?:的)?最好的(?:{COUNT}条)?(?:关系|关联)?(?:链|路径)(?:是什么|有哪些)?",
            r"(?:what are )?the (?:(?P<best>\d+) )?best (?:chains|paths) between (?P<left>.+?) and (?P<right>.+)",
        ),
        {"left": ANY, "right": ANY},
        lambda groups: {"best": number(groups["best"])} if groups["best"] else {},
    ),
    Form(
        "path",
        "王秀英和李伟是什么关系",
        "how are 王秀英 and 李伟 connected",
        (
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:之间)?(?:是|有)(?:什么|怎样的|何种)(?:关系|关联|联系|亲戚)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:怎样|怎么|如何)(?:相连|关联|联系)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:是不是|是否)(?:夫妻|亲戚|亲属|一家人|一家|同事|有关系|有关联)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:之间)?(?:有没有|有无)(?:关系|关联|联系|亲戚关系|亲属关系)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:之间)?(?:什么关系|的关系(?:是什么)?)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)是(?:夫妻|亲戚|亲属|一家人|一家|同事)吗",
            r"(?P<left>.+?)是(?P<right>.+?)的什么(?:人|亲戚)",
            r"are (?P<left>.+?) and (?P<right>.+?) (?:connected|related|married(?: to each other)?)",
            r"is (?P<left>.+?) (?:connected|related|married) to (?P<right>.+)",
            r"how are (?P<left>.+?) and (?P<right>.+?) (?:connected|related)",
            r"how is (?P<left>.+?) (?:connected|related) to (?P<right>.+)",
        ),
        {"left": ANY, "right": ANY},
    ),
    Form(
        "relatives",
        "王秀英的爷爷是谁",
        "who is the grandfather of 王秀英",
        (
            rf"(?:谁|哪些人)是(?P<id>.+?)的(?P<kin>{KINDRED})",
            rf"(?P<id>[^的是哪谁]+?)的(?P<kin>{KINDRED})",
            rf"(?P<id>[^的是哪谁]+?)的?(?P<kin>{KINDRED})(?:都)?(?:是|有|叫)(?:谁|哪些|什么)(?:人|名字)?",
            rf"(?P<id>.+?)有哪些(?P<kin>{KINDRED})",
            rf"(?:who (?:is|are) )?(?:the )?(?P<kin>{KINDRED}) of (?P<id>.+)",
            rf"who (?:is|are) (?P<id>.+?)'s (?P<kin>{KINDRED})",
            rf"which (?P<kin>{KINDRED}) does (?P<id>.+?) have",
        ),
        {"id": PERSON},
        lambda groups: {"relation": KINDS_OF_KIN[groups["kin"].lower()]},
    ),
    Form(
        "penalties",
        "去年被罚的企业",
        "which firms were penalised last year",
        (
            rf"{YEAR}(?:都)?(?:有)?(?:哪些|什么)(?:企业|公司|单位)(?:被|受)(?:到)?(?:过)?{FINED}(?:过)?",
            rf"{YEAR}(?:被|受|受到)(?:过)?{FINED}(?:过)?的(?:企业|公司|单位)(?:有哪些|名单)?",
            rf"(?:有)?哪些(?:企业|公司|单位)(?:在)?{YEAR}(?:被|受)(?:到)?(?:过)?{FINED}(?:过)?",
            rf"which (?:firms|companies) were (?:penali[sz]ed|fined|punished) {YEAR_EN}",
            rf"(?:list )?(?:the )?(?:firms|companies) (?:that were )?(?:penali[sz]ed|fined|punished) {YEAR_EN}",
        ),
        fields=lambda groups: {"year": groups["year"] or ("this" if groups["now"] else "last")},
    ),
    Form(
        "neighbours",
        "王秀英的户口在哪里",
        "where is 王秀英 registered",
        (
            r"(?P<id>.+?)是(?:哪里|哪儿|什么地方)的(?:户口|户籍)",
            rf"(?P<id>.+?)的?(?:户口|户籍)(?:现在)?(?:落)?在{WHERE}",
            rf"(?P<id>.+?)的?(?:户籍地址|户籍所在地|户籍地|户口所在地)(?:是|在)?(?:什么|{WHERE})?",
            r"where (?:is|was) (?P<id>.+?) registered",
            r"(?:what is )?the registered address of (?P<id>.+)",
        ),
        {"id": PERSON},
        lambda groups: {"types": RELATED["户口"]},
    ),
    Form(
        "neighbours",
        "王秀英的配偶是谁",
        "who is the spouse of 王秀英",
        (
            rf"(?:谁|哪些人)是(?P<id>.+?)的(?P<what>{WHAT})",
            rf"(?P<id>.+?)(?:的|名下的?)(?P<what>{WHAT})(?:都)?(?:是|有|在)(?:谁|{WHERE}|哪些|几(?:个|处|套))(?:人)?",
            rf"(?P<id>[^的是哪谁]+?)的(?P<what>{WHAT})",
            rf"{ORGANISED}(?P<what>{LED})(?:是|叫)(?:谁|什么)",
            r"(?P<id>.+?)(?:名下)?(?:有没有|有无)(?P<what>房产|房屋|房子|房)(?:吗)?",
            r"(?P<id>.+?)(?:名下)有(?P<what>房产|房屋|房子|房)吗",
            r"(?P<id>.+?)名下的?(?P<what>房产|房屋|房子)",
            rf"(?P<id>.+?)(?:担任|当)(?:了)?(?:哪些|哪几?家|什么)(?:企业|公司|合作社|单位)的?(?P<what>{LED})",
            rf"(?P<id>.+?)(?:担任|当)(?P<what>{LED})的(?:企业|公司)(?:有哪些|有几家)?",
            rf"(?P<id>.+?)(?:名下有?|有)(?:哪些|什么|(?:几|多少)(?:个|处|套)|多少)(?P<what>{WHAT})",
            rf"(?P<id>.+?)是(?:哪些|哪几?家|什么)(?:企业|公司|合作社|单位)的(?P<what>{WHAT})",
            rf"(?:who|what) (?:is|are) the (?P<what>{WHAT}) of (?P<id>.+)",
            rf"(?:list |show )?(?:the )?(?P<what>{WHAT}) of (?P<id>.+)",
            rf"(?:who|what) (?:is|are) (?P<id>.+?)'s (?P<what>{WHAT})",
            r"how many (?P<what>children|sons|daughters) does (?P<id>.+?) have",
            r"(?:how many|which|what) (?P<what>rooms|flats|houses|properties) does (?P<id>.+?) (?:own|have)",
            r"(?:of )?(?:which|what) firms is (?P<id>.+?) (?:the )?(?P<what>legal representative)(?: of)?",

            r"who (?P<what>represents|heads|runs) (?P<id>.+)",
            r"who is (?P<what>in charge of) (?P<id>.+)",
            r"who is (?P<what>married to) (?P<id>.+)",
            r"(?:which|what) firms does (?P<id>.+?) (?P<what>represent)",
            r"who (?P<what>works (?:for|at)) (?P<id>.+)",
        ),
        {"id": ANY},
        _related,
    ),
    Form(
        "timeline",
        "王秀英以前住在哪里",
        "where has 王秀英 lived",
        (
            rf"(?P<id>.+?)(?:以前|曾经|过去|原来|之前)(?:都)?住(?:过)?在?(?:{WHERE}|哪些地方)",
            r"(?P<id>.+?)(?:都|曾|曾经)?住过(?:哪些|什么)地方",
            r"where has (?P<id>.+?) lived",
        ),
        {"id": PERSON},
    ),
    Form(
        "neighbours",
        "王秀英住在哪里",
        "where does 王秀英 live",
        (
            rf"(?P<id>.+?)(?:现在)?(?P<does>{DOING})在?{WHERE}",
            rf"(?P<id>.+?)(?:现在)?在{WHERE}(?P<does>{DOING})",
            rf"where (?:does|did) (?P<id>.+?) (?P<does>{DOING})",
        ),
        {"id": PERSON},
        _related,
    ),
    Form(
        "neighbours",
        "王秀英有哪些关系",
        "who is 王秀英 related to",
        (r"(?P<id>.+?)(?:有|与)(?:哪些|什么)(?:关系|关联|联系)(?:人)?", r"(?:who|what) is (?P<id>.+?) (?:related|connected) to"),
        {"id": ANY},
    ),
    Form(
        "timeline",
        "王秀英的一生",
        "the life of 王秀英",
        (
            r"(?P<id>.+?)的(?:一生|生平|经历|履历)",
            r"(?P<id>.+?)(?:有没有|是否|是不是)(?:被)?(?:处罚|吊销|注销|结婚|离婚|去世|死亡)(?:过|了)?",
            r"(?P<id>.+?)(?:是)?(?:什么时候|何时|哪天|哪年|哪一年)(?:结的?婚|离的?婚|出生|去世|死亡|成立|注销|搬的?家|迁入|迁出|入职|入学)的?",
            r"(?P<id>.+?)(?:现在)?(?:是不是)?(?:还|仍)?(?:健在|在世|活着|去世|死亡|注销|离过婚|结过婚|结婚|离婚|吊销)(?:了)?(?:吗|没有|没)",
            r"(?:show )?the life of (?P<id>.+)",
            r"is (?P<id>.+?) (?:still )?(?:alive|dead|married|divorced|in business)",
            r"when (?:was|did) (?P<id>.+?) (?:born|married|marry|die|founded|dissolved)",
        ),
        {"id": ANY},
    ),
    Form(
        "entity",
        "王秀英是谁",
        "who is 王秀英",
        (
            r"(?P<id>[^的]+?)(?:是谁|是什么人|是什么单位|的(?:基本)?(?:信息|情况|档案))",
            r"(?P<id>[^的]+?)的(?:曾用名|性别|民族|出生日期|生日|年龄)(?:是什么|是哪天|是多少)?",
            r"(?P<id>[^的]+?)(?:以前|原来|曾经|过去)叫(?:什么|什么名字|过什么(?:名字)?)",
            r"(?P<id>[^的]+?)(?:今年|现在)?(?:多大(?:年纪|岁数)?|几岁|多少岁)(?:了)?",
            r"(?:(?:what are|list) )?(?:the )?former names? of (?P<id>.+)",
            r"what was (?P<id>.+?) (?:called|named) (?:before|formerly)",
            r"how old is (?P<id>.+)",
            r"(?:tell me about|show) (?!(?:the|me|all) )(?P<id>.+)",
            r"who is (?!(?:the|a|an|my|married|related|[0-9]+) )(?!.*'s )(?P<id>.+)",
        ),
        {"id": ANY},
    ),
    Form("can", "能问什么", "what can be asked", (r"(?:现在)?(?:能|可以)问(?:些)?什么", r"what can (?:be asked|i ask)")),
)
"""In the order in which they are tried."""
