"""What headings say: in Chinese, in English, as initials of pinyin (XM, SFZH, CSRQ)."""

from __future__ import annotations

from collections.abc import Mapping

from cityweave.cfd_rules.model import Kind

_P: Kind = "person"
_L: Kind = "legal_entity"

HEADINGS: tuple[tuple[str, Kind, str], ...] = (
    # (pattern over the heading in lower case without spaces and underscores, kind, element); the first that fits counts
    (r"曾用名称|原名称|变更前名称|(企业|单位|公司|机构)(曾用名|原名)|formercompanyname|^cymc$", _L, "former_name"),
    (r"曾用名|别名|formername|maidenname|alias|^cym$", _P, "former_name"),
    (r"统一社会信用代码|信用代码|uscc|creditcode|^(ty)?sh?xydm$|^tyshxydm$", _L, "uscc"),
    (r"企业名称|单位名称|公司名称|机构名称|字号名称|工作单位|用人单位|社会组织名称|^单位$|^企业$|companyname|orgname|organi[sz]ation|employer", _L, "name"),
    (r"^(qy|dw|gs|jg)mc$|^company$", _L, "name"),
    (r"注册号|组织机构代码|税务登记号|registrationn(o|umber)|regno|companyno|^zch$|^zzjgdm$", _L, "reg_no"),
    (r"成立日期|成立时间|注册日期|开业日期|founded|incorporat|establish|^clrq$", _L, "founded"),
    (r"经营范围|scope|^jyfw$", _L, "scope"),
    (r"注册资本|注册资金|capital|^zczb$", _L, "capital"),
    (r"企业类型|主体类型|机构类型|法人类型|legalform|companytype|^qylx$", _L, "legal_form"),
    (r"房屋编码|房屋编号|房号编码|不动产单元号|roomcode|roomid|^fwbm$", "room", "room_code"),
    (r"建筑面积|套内面积|floorarea|^jzmj$", "room", "area"),
    (r"^坐落|房屋地址|房屋坐落", "room", "address"),
    (r"楼栋编码|楼栋编号|建筑物编码|楼宇编码|buildingcode|buildingid|^ldbm$", "building", "building_code"),
    (r"楼栋名称|建筑物名称|楼宇名称|buildingname|^ldmc$", "building", "name"),
    (r"楼栋地址|建筑物地址|楼宇地址|buildingaddress", "building", "address"),
    (r"总层数|地上层数|floors|storeys|^zcs$", "building", "floors"),
    (r"建成年份|竣工年份|建成年代|yearbuilt|builtin", "building", "built"),
    (r"所在层|所在楼层|^楼层$|^floor$|^szc$", "room", "floor"),
    (r"登记状态|经营状态|企业状态|^status$|^djzt$", _L, "status"),
    (r"证件类型|证件种类|idtype|^zjlx$|^zjzl$", _P, "id_type"),
    (r"身份证|身份号码|证件号|证件编号|护照号|idcard|identityn|nationalid|idn(o|umber)$|citizenid|passport", _P, "id_no"),
    (r"^(gm)?sfz?h(m|ao)?$|^sfzhm$|^zjh(m)?$", _P, "id_no"),
    (r"出生地|籍贯|birthplace|placeofbirth|bornin|^csd$|^jg$", _P, "birth_place"),
    (r"虚岁", _P, "nominal_age"),
    (r"年龄|周岁|^age$|^nl$", _P, "age"),
    (r"出生|生日|dob|birth|born|^csrq$|^csny$", _P, "birth"),
    (r"性别|^sex|gender|^xb$", _P, "sex"),
    (r"民族|ethnic|^mz$", _P, "ethnicity"),
    (r"邮编|邮政编码|postcode|postalcode|zip|^yz?b(m)?$", _P, "postcode"),
    (r"电话|手机|联系方式|phone|mobile|^tel|cell|^(lx)?dh$|^sj(h|hm)?$", _P, "phone"),
    (r"住址|地址|住所|居住地|现住|户籍地|address|^(hj|jt|x|tx)?(dz|zz)$|^hjdz$", _P, "address"),
    (r"职业|工种|occupation|profession|job|^zy$", _P, "occupation"),
    (r"户号|户口簿号|家庭编号|householdn|household_?id|^hh$", _P, "household_no"),
    (r"与户主关系|户主关系|家庭关系|^关系$|relation|^yhzgx$", _P, "relation"),
    (r"婚姻状况|婚况|marital|^hyzk$", _P, "marital"),
    (r"^(first|given|fore|christian)names?$|^名$|名字", _P, "given_name"),
    (r"surname|lastname|familyname|^姓$|姓氏", _P, "surname"),
    (r"firstandsurname", _P, "name"),
    (r"姓名|fullname|^name$|personname|^名称$|权利人$|法定代表人$|申请人$|当事人$|参保人$|死者$|学生$|^xm$|^xingming$", _P, "name"),
)

PREFIXES: Mapping[str, str] = {
    **dict.fromkeys(("父亲", "生父", "养父", "father_", "father's ", "fq"), "father"),
    **dict.fromkeys(("母亲", "生母", "养母", "mother_", "mother's ", "mq"), "mother"),
    **dict.fromkeys(("配偶", "spouse_", "spouse's "), "spouse"),
    **dict.fromkeys(("新生儿", "婴儿", "子女", "child_"), "child"),
    **dict.fromkeys(("男方", "husband_", "nanf"), "husband"),
    **dict.fromkeys(("女方", "wife_", "nvf"), "wife"),
    **dict.fromkeys(("户主", "head_"), "head"),
    **dict.fromkeys(("法定代表人", "法人代表", "法人", "负责人", "经营者", "legal_rep_", "legal_representative", "fddbr"), "legal_rep"),
    **dict.fromkeys(("权利人", "产权人", "业主", "owner_"), "owner"),
    **dict.fromkeys(("监护人", "guardian_"), "guardian"),
    **dict.fromkeys(("家庭成员", "家长", "家属", "亲属", "紧急联系人", "relative_"), "relative"),
    **dict.fromkeys(("房主", "房东", "出租人", "landlord_"), "landlord"),
    **{f"股东{place}": f"shareholder_{place}" for place in range(1, 10)},
    **{f"shareholder{place}_": f"shareholder_{place}" for place in range(1, 10)},
    "股东": "shareholder",
}
"""Headings that begin so are about somebody else in the row."""
