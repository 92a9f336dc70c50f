"""The words of an address: what is written otherwise is made one first (REWRITTEN), then the parts are told, from the whole to the part (PARTS)."""

from __future__ import annotations

_COUNT = "零〇一二两三四五六七八九十百"
_NUMBER = f"[0-9{_COUNT}]+"
_STEM = "甲乙丙丁戊己"
_HAN_OR_MARK = f"(?:[^0-9{_COUNT}A-Za-z栋单|-]|第[一二三四五六七八九十]+[^0-9{_COUNT}A-Za-z栋单层楼排组队期号区社村|-])"
_SETTLED = "(?:集中)?(?:安置|搬迁|居住)(?:点|区|小区|社区|房)|移民新村"
_NAMED = f"{_SETTLED}|花园|家园|庄园|山庄|小区|新村|公寓|大厦|大楼|广场|中心|雅苑|雅居|雅筑|华庭|名苑|名都|苑|园|城|府|里|居|台|馆|邸"

_BLOCK = "家属[院楼区]|宿舍区?|职工院|大院|住宅区?"
GENERIC = f"^(?:{_NAMED}|{_BLOCK}|[佳嘉][苑园])$"
"""What is no name of an estate: 丝路佳苑, 铁路宿舍 and 人民路小区 are called by a road, or by what sounds like one."""

_GROUP = "(?:村民小组|村民组|生产队|小组|组|社|队|连|工区|分场)"
_YARD = r"\p{Han}{1,4}?(?:宅|埭|浜|湾|屯|寨|塆)"
_HOUSE = f"[{_STEM}临]?{_NUMBER}[{_STEM}A-Za-z]?(?:-{_NUMBER})?号"
_RURAL = "(?:村|屯|嘎查|农场|林场|渔场|牧场|茶场)(?:[东西南北中上下前后]区)?"
_SIDE = "[东西南北中前后左右]{1,2}"
_STORE = "(?:车位|车库|储藏[室间]|储物[室间]|杂物间|床位?)"
_NOOK = (
    "[前后]楼|过街楼|亭子间|[前后中]?客堂|[前后]?统(?:间|楼|厢房)|灶间|晒台(?:搭建)?|[东西南北]?[前后中]?厢房|阁楼|天井|披屋"
    f"|{_SIDE}(?:间|屋|户)|[大小]间|[东西南北正]{{1,2}}房|[主次客]卧|{_STORE}[A-Za-z]{{0,2}}-?"
)
"""Rooms that are told by where they lie in an old house, and what is no room to live in but has a number."""

_WAY = "[路街]大道|[路街]大街|大道|大街|道[^与和及号]{0,2}[路街]|路|街|巷|里弄|胡同"
"""How a road ends: 丝路大道 not at 路, 二道街 and 八道湾路 not at 道. 成都道 ends so only where a number follows (`avenue`): 头道河屯 does not."""

_STRETCH = f"(?:[东西南北]?[{_COUNT}]+段|[东西南北中]段|[{_COUNT}]?支路)"

PARTS = (
    # (part, pattern). Each is looked for at the beginning of what the parts before it have left; what the group `behind` fits must stand beside it and is left.
    # At the end, and first: a room that is told by where it lies in the house, or by what it is for.
    ("nook", rf"(?:(?P<behind>[0-9号栋层楼室元门])|\|)((?:{_NOOK})(?:[0-9]{{1,5}}(?:-[0-9]{{1,4}})?|[{_COUNT}{_STEM}]{{1,2}})?)(?:室|号|房|间)?$"),
    ("province", r"^([^省市区县路街]{1,7}(?:省|自治区))"),
    ("prefecture", r"^([^省市县路街号栋]{1,10}?(?:自治州|地区|盟))(?P<behind>[^路街道号栋]{1,8}?[市县旗])"),
    ("city", r"^([^省市区县路街号栋]{1,6}市)"),
    ("county", r"^([^省市区县路街号栋]{1,6}市)"),  # a city of a county's rank, inside another
    # 小区, 园区, 安置区 are no districts
    (
        "district",
        r"^([^市区县路街号栋]{1,6}(?:新区|县)|[^市区县路街号栋村]{0,5}[^市区县路街号栋村小社园校片景厂院宅置迁住A-Za-z]区|\p{Han}{2,14}?自治[县旗])",
    ),
    ("banner", r"^([^市区县路街号栋村镇乡]{2,8}?旗)(?P<behind>[^镇乡街道路村社小新大广花苑])"),  # 正蓝旗, but 红旗街道 is none
    ("street", r"^((?:[^路号栋社]|社[^区]){1,8}?(?:街道办事处|街道办|街道|镇|乡|苏木)|[^路号栋社]{1,5}路街道(?:办事处|办)?)"),
    ("community", r"^([^路号栋]{1,8}?社区)"),
    ("regiment", rf"^第?({_NUMBER})团场?(?P<behind>{_NUMBER}(?:连|队|营))"),
    (
        "village",
        rf"^((?:[^0-9路街巷号栋]{{1,9}}?|[^0-9路街巷号栋]{{1,8}}[路街巷]){_RURAL})"
        rf"(?P<behind>{_NUMBER}(?:-{_NUMBER})?(?:号|巷|弄|条|排|坊|{_GROUP})|{_YARD}{_HOUSE})",
    ),
    ("branch", rf"^({_NUMBER})分场(?P<behind>{_NUMBER}{_GROUP})"),  # of a farm: 三分场一连
    (
        "road",  # 新街口北大街 does not end at 新街
        r"^(\p{Han}{1,4}[街路]口(?:[东西南北内外中]?大街|[东西南北]路)"
        rf"|(?:[^号栋0-9]|[^0-9{_COUNT}]号){{1,10}}?(?:{_WAY}){_STRETCH}?(?:[经纬][{_COUNT}]+[路街]|(?:商业)?步行街)?)",
    ),
    ("avenue", rf"^([^0-9{_COUNT}号栋]{{1,6}}?道)(?P<behind>{_NUMBER}|$)"),
    ("alley", rf"^([^0-9{_COUNT}号栋]{{1,8}}?(?:里|坊|弄|径)|\p{{Han}}{{1,6}}?[头{_COUNT}]条)(?P<behind>{_HOUSE})"),
    ("lane", rf"^({_NUMBER})(?:巷|弄|条)"),
    ("side", rf"^({_NUMBER})支?弄"),
    ("way", rf"^([^0-9号栋弄|]{{1,10}}?(?:巷|胡同|横街))(?P<behind>{_HOUSE})"),  # 恩宁路永庆一巷3号
    ("number", rf"^第?([{_STEM}临]?{_NUMBER}[{_STEM}A-Za-z]?(?:-{_NUMBER})?)号"),
    # the group of a village before a yard: one writes it or not
    ("row", rf"^({_NUMBER}){_GROUP}(?P<behind>{_YARD}{_HOUSE})"),
    ("yard", rf"^({_YARD})(?P<behind>{_HOUSE})"),
    ("committee", rf"^第?({_NUMBER})委(?P<behind>{_NUMBER})"),  # of residents, in the north-east: 三委五组
    ("estate", rf"^([^0-9A-Za-z栋单|-]{{1,12}}(?:{_NAMED}|{_BLOCK}))(?P<behind>[0-9A-Za-z{_COUNT}{_STEM}东西南北中第附栋单|-]|$)"),
    ("site", rf"^({_HAN_OR_MARK}{{2,14}})"),
    ("phase", rf"^({_NUMBER})期"),
    ("zone", rf"^\|?([A-Za-z]|{_NUMBER}|[东西南北中])[区坊]"),
    ("court", rf"^\|([\p{{Han}}&&[^{_COUNT}层栋下]]{{2,6}})"),
    ("group", rf"^({_NUMBER}){_GROUP}"),
    ("line", rf"^({_NUMBER})排"),
    ("house", rf"^({_NUMBER}(?:-{_NUMBER})?)号$"),
    ("gate", rf"^({_NUMBER})号(?P<behind>[0-9A-Za-z]{{3,5}}(?:室|房)?$)"),
    ("building", rf"^第?([{_STEM}]?{_NUMBER}[{_STEM}A-Za-z]?(?:-{_NUMBER})?|[A-Za-z][0-9]?|[{_STEM}东西南北中])栋楼?"),
    ("unit", rf"^第?({_NUMBER}|[A-Za-z]|[{_STEM}东西南北中])(?:单元|号门|门|梯)"),
    ("floor", rf"^\|?第?(B?{_NUMBER}|假{_NUMBER}|{_NUMBER}至{_NUMBER}|[顶夹]|地下)(?:层|楼)"),
    (
        "room",
        rf"^\|?附?(-[1-5]-[0-9]{{1,2}}|[0-9]{{3,4}}[A-Za-z]?-(?:[0-9]{{1,2}}|[{_COUNT}]{{1,2}})"
        rf"|[0-9A-Za-z{_COUNT}]+(?:[至、][0-9A-Za-z]+)*[{_STEM}]?)(?:室|房|号房|号|户)?$",
    ),
)
"""From the whole to the part. Province, city and community are left out of the norm: one writes them or not. `|` marks a part that is no estate."""

_ONE, _LOW, _END = "([0-9A-Za-z]+)", "([0-9]{1,2})", "(?:室|房|号|户)?$"
DASHED = (
    # (behind what, pattern, the parts that its groups are)
    ("", f"^{_ONE}-{_ONE}-{_LOW}-{_ONE}{_END}", ("building", "unit", "floor", "room")),
    ("", f"^{_ONE}-([0-9]{{3,4}}-[0-9]{{1,2}}){_END}", ("building", "room")),
    ("", f"^{_ONE}-{_ONE}-{_ONE}{_END}", ("building", "unit", "room")),
    ("", f"^{_ONE}-{_ONE}{_END}", ("building", "room")),
    ("building", f"^{_ONE}-{_LOW}-{_ONE}{_END}", ("unit", "floor", "room")),
    ("building", f"^{_ONE}-{_ONE}{_END}", ("unit", "room")),
    ("unit", f"^{_ONE}-{_ONE}{_END}", ("floor", "room")),
    ("floor", f"^({_ONE[1:-1]}-{_ONE[1:-1]}){_END}", ("room",)),
)
"""Numbers joined by dashes that no part has taken: 3-2-501, 3-501, 3-2-5-1."""

ONLY_BEHIND = {
    "county": ("city",),
    "branch": ("village",),
    "lane": ("road", "village"),
    "side": ("lane",),
    "way": ("road",),
    "row": ("village",),
    "yard": ("village",),
    "house": ("group", "yard", "line"),
    "gate": ("estate", "site", "court"),
}
"""Parts that are looked for only where another was found: 5巷 behind a road, the number of a house behind the group of a village or of an estate."""

INSTEAD = {"banner": ("district",), "road": ("village",), "avenue": ("village", "road"), "alley": ("village", "road", "avenue"), "site": ("estate",)}
"""Parts that are looked for only where none of others was found."""

_SHOP = "(?:底商|商铺|商业用房|商用房|门面房|门面|铺面|门市房|门市|店面)"
_STALL = "(?:摊位|档口|铺位|摊|铺)"

_ZONE = "(?:高新技术产业开发区|高新技术开发区|高新区|经济技术开发区|经济开发区|经开区|保税区)"

BESIDE = r"(?:号|巷|弄)[(（](\p{Han}{2,10}(?:村|小区|苑|园|里|坊|邨|公寓|大厦|广场|中心|城|府|庭|庄))[)）]"
"""An estate in brackets behind its road and lane or number."""

_SITE = "号|花园|家园|小区|山庄|公寓|新村|村|广场|中心|苑|期"
_LODGING = "(?:员工|职工|学生|教工|家属|单身)?宿舍"
_HALL = f"(?:[东西南北主副附裙]|办公|综合|教学|实验|行政|科研|家属|住宅|商务|门诊|住院|生产|{_LODGING})楼"
_DOOR = f"[0-9A-Za-z{_COUNT}]"
_INSIDE = f"[^路街巷弄道村里镇组条同0-9A-Za-z{_COUNT}|-]"

REWRITTEN = (
    # (what a text must hold for any of the rules to fit, the rules)
    (
        r"[(（\s。)）,，、;；.．/—–−－~～]",
        (
            ("[(（](?:[^()（）]{0,16}(?:对面|对过|旁边|旁|附近|后面|前面|[东西南北]侧|楼上|楼下|隔壁)|(?:原|曾用)[^()（）]{0,16})[)）]", ""),  # a landmark
            (r"[\s。()（）]", ""),
            ("[,，;；]", "、"),
            (r"(^|\p{Han})、|、(\p{Han}|$)", "${1}${2}"),  # 1203、1204 stay two
            (r"[.．]([0-9])", "-${1}"),
            ("[.．]", ""),
            (r"(\p{Han})/", "${1}"),
            ("[—–−－~～/]+", "-"),
        ),
    ),
    (
        "中国|中华|师|发区|高新区|经开区|保税区|委会|员会",
        (
            (r"^(?:中国|中华人民共和国)(\p{Han}{2,7}(?:省|市|自治区))", "${1}"),
            (rf"(?:新疆)?(?:生产建设)?(?:兵团)?(?:第|农)[0-9{_COUNT}]+师", ""),  # regiments are counted through
            (rf"(^|省|市)[^省市区县路街道镇乡号村0-9]{{0,6}}?{_ZONE}", "${1}"),  # lies in a district, and is none by law
            ("村?(?:村民委员会|村委会)", "村"),
            ("(?:社区)?(?:居民委员会|居委会)", "社区"),
        ),
    ),
    (  # Floors below the ground. A minus that may be a hyphen is told apart from both: 9幢-2-2 is neither 9幢2-2 nor 9幢负2-2.
        "-|负|地下|底|假|[顶夹][层楼]",
        (
            (r"(\p{Han})-([1-5])(?:层|楼)(\p{Han}|[0-9]{1,2}(?:号|室|房)?$|$)", "${1}B${2}层${3}"),
            (r"(?:负|地下)([1-9一二三四五])(?:层|楼|-)", "B${1}层"),
            (r"负([0-9]{3,4})", "B${1}"),
            ("(^|[^0-9A-Za-z])[Bb]([1-5])-([0-9]{1,2})(号|室|房|$)", "${1}B${2}层${3}${4}"),
            ("地下室?([0-9A-Za-z]|$)", "|地下层${1}"),
            ("底[层楼]", "1层"),
            (f"(假[0-9{_COUNT}]|[顶夹])[层楼]", "|${1}层"),
            ("(^|[^0-9-])([0-9]{1,2})-([0-9]{1,2})[层楼]$", "${1}|${2}至${3}层"),
        ),
    ),
    (
        "",
        (
            ("号楼|幢|座|#楼|#", "栋"),
            (f"({_NUMBER})楼({_NUMBER}(?:单元|门))", "${1}栋${2}"),
            ("号院", "号"),
        ),
    ),
    (
        "-|塔",
        (
            ("([A-Za-z])塔楼?", "${1}栋"),
            ("(栋|单元)-([1-5]-[0-9]{1,2})(?:号|室)?$", "${1}|-${2}"),
            ("(栋|单元)-", "${1}"),
            (r"(\p{Han})-([0-9A-Za-z]+(?:栋|期|区|单元)|(?:[0-9]{1,3}-){1,2}[0-9]{3,4}(?:室|房)?$|[0-9]{3,4}(?:室|房)?$)", "${1}${2}"),
            (rf"(\p{{Han}})-([^0-9A-Za-z{_COUNT}-])", "${1}${2}"),
            ("(栋|单元|层)([0-9]{3,4})-([0-9]{3,4})|([^0-9-])([0-9]{4})-([0-9]{4})", "${1}${4}${2}${5}至${3}${6}"),
        ),
    ),
    (
        f"[{_STEM}之附第A-Za-z]|[东西南北]门|号-",
        (
            (f"([0-9])栋([{_STEM}])([0-9])", "${1}${2}栋${3}"),
            ("([0-9])栋之([0-9]{1,2}|[一二三四五六七八九十])", "${1}-${2}栋"),
            (f"({_SITE})([{_STEM}])楼", "${1}${2}栋"),
            ("([东西南北])门([0-9])", "${1}单元${2}"),
            (rf"第({_NUMBER})({_GROUP}|期)", "${1}${2}"),
            (rf"({_NUMBER})之({_NUMBER})号", "${1}-${2}号"),
            (r"([0-9]{1,4})号(?:之([0-9]{1,2}|[一二三四五六七八九十]{1,3})|-([0-9]{1,2})$)", "${1}-${2}${3}号"),
            (rf"({_NUMBER})号?附({_NUMBER})(?:号|$)", "${1}-${2}号"),
            (f"([0-9])号([{_STEM}A-Za-z])$", "${1}${2}号"),
            (f"([0-9])(?:室|房)([{_STEM}A-Za-z])(?:室|房|房间|间)?$", "${1}${2}室"),
            (f"([^路街巷弄道村0-9])([0-9]{{3,4}})室?之([0-9]{{1,2}}|[{_COUNT}]{{1,2}})(?:室|号)?$", "${1}${2}-${3}室"),
            (f"([层楼])之({_NUMBER})$", "${1}${2}号"),
        ),
    ),
    (  # shops and stalls
        f"{_SHOP}|{_STALL}",
        (
            (rf"([A-Za-z])-([0-9]+)号?{_STALL}$", "${1}区${2}号"),
            (rf"([0-9A-Za-z])号?{_STALL}$", "${1}号"),
            (rf"{_SHOP}([A-Za-z][0-9]+)号?$|([A-Za-z][0-9]+)号?{_SHOP}$", "${1}${2}号"),
            (rf"(层|楼)第?({_NUMBER})号?{_SHOP}$", "${1}${2}号"),
            (rf"(栋|单元)第?({_NUMBER})号?{_SHOP}$", "${1}1层${2}号"),
            (rf"(层|楼){_SHOP}第?({_NUMBER})号?$", "${1}${2}号"),
            (rf"{_SHOP}第?({_NUMBER})号?$", "1层${1}号"),
            (rf"(栋|号){_SHOP}$", "${1}"),
        ),
    ),
    (  # rooms and houses without a number of their own: marked, so that they are no estate
        "[层楼室院阁轩庐厢灶堂车储杂床厂仓宿办生编房]|[东西南北中]区|[东西南北中左右][边侧首门]?$",
        (
            (f"([0-9]|[0-9{_COUNT}顶夹][层楼室])([东西南北中左右]{{1,2}})[边侧首门]?$", "${1}${2}户"),
            (f"厢([0-9{_STEM}]{{0,2}})$", "厢房${1}"),
            ("灶[披坡]间", "灶间"),
            ("客堂间", "客堂"),
            ("([层楼])阁$", "${1}阁楼"),
            (rf"({_INSIDE})(?:地下)?(?:车库|停车[场库])?([A-Za-z]{{0,2}}-?[0-9]{{1,5}}(?:-[0-9]{{1,4}})?)号?({_STORE})$", "${1}|${3}${2}"),
            (rf"({_INSIDE})(?:地下)?(?:车库|停车[场库])?({_STORE})第?([A-Za-z]{{0,2}}-?[0-9]{{1,5}}(?:-[0-9]{{1,4}})?)号?$", "${1}|${2}${3}"),
            (f"([号园区城司厂])({_NUMBER})号(厂房|车间|仓库|宿舍)楼?", "${1}|${3}${2}栋"),
            (f"({_SITE})({_HALL})({_DOOR}|$)", "${1}|${2}${3}"),
            (f"号([前后]楼|{_LODGING}|(?:标准)?厂房|车间|仓库|办公区|生活区|自编|平房|[东西南北前后]院)({_DOOR})", "号|${1}${2}"),
            (f"({_SITE})([^层楼号栋院期区0-9A-Za-z{_COUNT}|]{{1,4}}[阁轩庐])({_DOOR})", "${1}|${2}${3}"),
            (f"(大学|学院|学校|小区|社区|公寓|[园城苑庭号村里厂])([东西南北中]区)({_DOOR})", "${1}|${2}${3}"),
        ),
    ),
    (
        "国|市",
        (
            (r"(?:地方)?国[营有](\p{Han}{1,8}?[农林牧渔茶]场)", "${1}"),
            ("市([场政委]|民[^族])", "巿${1}"),  # a letter that no department writes, until the parts are found: a market is no city
        ),
    ),
)
"""Ways of writing that are made one before the parts are looked for, in this order: pattern, replacement. Few texts need many of them."""

SPELT = r"(\p{Han})([1-9]|1[0-9]|20)(村|巷|条|段|支路)"
"""A small number in the name of a road, a lane or a village is spelt out: 曹杨1村 is 曹杨一村."""
