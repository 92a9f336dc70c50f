"""Two records of people: what is compared, and where candidates come from.

Chinese names of two to four characters are compared by equality (characters, sounds, shapes); `long` names (other scripts, or five characters and more) by `jaro`,
thousandths over code points. Address, postcode, occupation and the like help where a source has them and say nothing where it has not.
"""

from __future__ import annotations

from cityweave.resolver.former import is_one
from cityweave.resolver.settings import Block, Comparison, Level, Settings, differing

HAN = "script_l = 'han' and script_r = 'han'"
LONG = "script_l = 'long' and script_r = 'long'"

NAME = Comparison(
    "name",
    "姓名 / name",
    "name",
    "name_l is null or name_r is null",
    (
        Level("same", "姓名相同 / the names are the same", "name_l = name_r", tf="name"),
        Level("former", "一方曾用名是另一方姓名 / one's former name is the other's name", f"{is_one('name_r', 'former_l')} or {is_one('name_l', 'former_r')}"),
        Level("core", "首名和姓相同 / first given name and surname are the same", f"{LONG} and core_l = core_r", tf="core"),
        Level(
            "swapped",
            "姓与名颠倒 / surname and given name change places",
            f"(surname_l = given_r and given_l = surname_r) or ({HAN} and (given_l || surname_l = name_r or given_r || surname_r = name_l))",
        ),
        Level("sound", "姓名同音 / the names sound the same", f"{HAN} and pinyin_l = pinyin_r", tf="pinyin"),
        Level("shape", "姓名形近 / the names look alike", f"{HAN} and look_l = look_r", tf="look"),
        Level(
            "one_character",
            "同姓，名差一字 / same surname, one character of the given name differs",
            f"{HAN} and surname_l = surname_r and length(given_l) = 2 and length(given_r) = 2 "
            "and (substr(given_l, 1, 1) = substr(given_r, 1, 1) or substr(given_l, 2, 1) = substr(given_r, 2, 1))",
        ),
        Level(
            "turned",
            "同姓，名的两字颠倒 / same surname, the two characters of the given name change places",
            f"{HAN} and surname_l = surname_r and length(given_l) = 2 and substr(given_l, 2, 1) || substr(given_l, 1, 1) = given_r",
        ),
        Level(
            "part",
            "同姓，名少一字 / same surname, a character of the given name is missing",
            f"{HAN} and surname_l = surname_r and ((length(given_l) = 1 and length(given_r) = 2 and strpos(given_r, given_l) > 0) "
            "or (length(given_r) = 1 and length(given_l) = 2 and strpos(given_l, given_r) > 0))",
        ),
        Level("close", "姓名几乎相同 / the names are nearly the same", f"{LONG} and jaro(name_l, name_r) >= 940"),
        Level(
            "near_given", "同姓，名相近 / same surname, similar given name", f"{LONG} and surname_l = surname_r and jaro(given_l, given_r) >= 750", tf="surname"
        ),
        Level(
            "near_surname", "同名，姓相近 / same given name, similar surname", f"{LONG} and given_l = given_r and jaro(surname_l, surname_r) >= 800", tf="given"
        ),
        Level("similar", "姓名相近 / the names are similar", f"{LONG} and jaro(name_l, name_r) >= 830"),
        Level("surname", "同姓 / same surname", f"{LONG} and surname_l = surname_r", tf="surname"),
        Level("family", "同姓，名全不同 / same surname, the given names differ wholly", "surname_l = surname_r"),  # not by rarity: it is who lives together that share it
        Level("given", "同名 / same given name", "given_l = given_r", tf="given"),
        Level("faint", "姓名略似 / the names are faintly similar", f"{LONG} and jaro(name_l, name_r) >= 700"),
        Level("different", "姓名不同 / the names differ"),
    ),
)

NAME_PART = Comparison(
    "name_part",
    "部分遮盖的姓名 / name of which a part is hidden",
    "name",
    "(name_part_l is null and name_part_r is null) or coalesce(name_part_l, name_l) is null or coalesce(name_part_r, name_r) is null",
    (
        Level(
            "surname",
            "只见姓，姓相同 / only the surname is shown, and it is the same",
            "least(coalesce(length(replace(name_part_l, '*', '')), 9), coalesce(length(replace(name_part_r, '*', '')), 9)) <= length(surname_l) and surname_l = surname_r",
            tf="surname",
            m=950,
        ),
        Level(
            "fits",
            "所示的字都相同 / all characters that are shown are the same",
            "case when name_part_l is null then name_l like replace(name_part_r, '*', '%') when name_part_r is null then name_r like replace(name_part_l, '*', '%') "
            "else name_part_l = name_part_r end",
            m=950,
        ),
        Level("different", "所示的字不同 / characters that are shown differ", m=50),
    ),
    taught=False,
)

BIRTH = Comparison(
    "birth",
    "出生日期 / date of birth",
    "birth",
    "born_l is null or born_r is null or (birth_l is null and birth_r is null)",  # two dates from two numbers are the numbers' evidence, not a second one
    (
        Level("same", "出生日期相同 / born on the same day", "born_l = born_r", tf="born"),
        Level(
            "swapped",
            "月与日颠倒 / month and day change places",
            "substr(born_l, 1, 5) = substr(born_r, 1, 5) and substr(born_l, 6, 2) = substr(born_r, 9, 2) and substr(born_l, 9, 2) = substr(born_r, 6, 2)",
        ),
        Level("one_digit", "差一位数字 / one digit differs", f"{differing('born', range(1, 11))} = 1"),
        Level("month", "同年同月 / same year and month", "substr(born_l, 1, 7) = substr(born_r, 1, 7)"),
        Level("two_digits", "差两位数字 / two digits differ", f"{differing('born', range(1, 11))} = 2"),
        Level("year", "同年 / same year", "substr(born_l, 1, 4) = substr(born_r, 1, 4)"),
        Level("different", "出生日期不同 / born on different days"),
    ),
)

MISTYPED = "(id_no_l is null or id_no_r is null) and length(id_text_l) = length(id_text_r)"
"""SQL: one of two numbers may be the other mistyped. Not when the check digits of both are right: those of twins are as near as that (GB 11643, sec. 3)."""

# Who has two documents, or one renewed, has two numbers: that those of two documents differ says nothing.
ID_NO = Comparison(
    "id_no",
    "证件号码 / identity number",
    "id_no",
    "id_text_l is null or id_text_r is null or (id_text_l <> id_text_r and (strpos(id_text_l, ':') > 0 or strpos(id_text_r, ':') > 0))",
    (
        Level("same", "号码相同 / the numbers are the same", "id_text_l = id_text_r", m=900),
        Level("one_digit", "号码差一位 / one digit differs", f"{MISTYPED} and {differing('id_text', range(1, 19))} = 1", m=50),
        Level("two_digits", "号码差两位 / two digits differ", f"{MISTYPED} and {differing('id_text', range(1, 19))} = 2", m=20),
        Level("different", "号码不同 / the numbers differ", m=30),
    ),
    taught=False,
)

SHOWN = (
    "("
    + " + ".join(
        f"case when substr({{a}}, {i}, 1) <> '*' and substr({{b}}, {i}, 1) <> '*' and substr({{a}}, {i}, 1) {{same}} substr({{b}}, {i}, 1) then 1 else 0 end"
        for i in range(1, 19)
    )
    + ")"
)
"""SQL: in how many places two numbers, one of them masked, both show a digit that is (`same`: =) or is not (<>) the same."""

SEEN, DIFFER = (
    f"(case when id_part_l is null then {SHOWN.format(a='id_text_l', b='id_part_r', same=same)} "
    f"else {SHOWN.format(a='id_part_l', b='coalesce(id_part_r, id_text_r)', same=same)} end)"
    for same in ("=", "<>")
)

FIT = (
    "(case when id_part_l is null then id_text_l like replace(id_part_r, '*', '_') when id_part_r is null then id_text_r like replace(id_part_l, '*', '_') "
    f"else {DIFFER} = 0 end)"
)
"""SQL: no digit that both show differs. Where one number is whole, the other is a pattern for it: far cheaper than place by place."""

FITS = (
    "(case when id_part_l is null then length(replace(id_part_r, '*', '')) when id_part_r is null then length(replace(id_part_l, '*', '')) "
    f"else {SEEN} end)"
)
"""SQL: how many digits both show, of two numbers that fit."""

ID_PART = Comparison(
    "id_part",
    "部分遮盖的证件号码 / masked identity number",
    "id_no",
    "(id_part_l is null and id_part_r is null) or coalesce(length(coalesce(id_part_l, id_text_l)) <> length(coalesce(id_part_r, id_text_r)), true)",
    (
        Level("most", "可见的十位以上都相同 / ten digits or more are seen on both and all are the same", f"{FIT} and {FITS} >= 10", m=920),
        Level("many", "可见的六至九位都相同 / six to nine digits are seen on both and all are the same", f"{FIT} and {FITS} >= 6", m=920),
        Level("few", "可见的三至五位都相同 / three to five digits are seen on both and all are the same", f"{FIT} and {FITS} >= 3", m=900),
        Level("one_digit", "可见各位中差一位 / of those seen on both one differs", f"{DIFFER} = 1 and {SEEN} >= 4", m=50),
        Level("different", "可见各位不同 / digits seen on both differ", m=30),
    ),
    taught=False,
)

BORN_PART = Comparison(
    "born_part",
    "出生年月或年龄 / year or month of birth, or age",
    "birth",
    "born_from_l is null or born_from_r is null or (born_from_l = born_to_l and born_from_r = born_to_r)",
    (
        Level(
            "month",
            "同年同月 / the same month",
            "born_from_l <= born_to_r and born_from_r <= born_to_l "
            "and (substr(born_from_l, 1, 7) = substr(born_to_l, 1, 7)) and (substr(born_from_r, 1, 7) = substr(born_to_r, 1, 7))",
            m=900,
        ),
        Level("year", "年份或年龄相合 / the year or age fits", "born_from_l <= born_to_r and born_from_r <= born_to_l", m=900),
        Level("different", "年份或年龄不合 / the year or age does not fit", m=100),
    ),
)

SEX = Comparison(
    "sex",
    "性别 / sex",
    "sex",
    "sexed_l is null or sexed_r is null or (sex_l is null and sex_r is null)",  # two sexes from two numbers are the numbers' evidence
    (Level("same", "性别相同 / same sex", "sexed_l = sexed_r"), Level("different", "性别不同 / different sex")),
)

PHONE = Comparison(
    "phone",
    "电话 / phone",
    "phone",
    "phone_l is null or phone_r is null",
    (Level("same", "电话相同 / same phone", "phone_l = phone_r", tf="phone"), Level("different", "电话不同 / different phone")),
)

FOLK = "(folk_l = household_r or household_l = folk_r or folk_l = folk_r)"
"""SQL: one lives in the household that other rows tell of the relative in the other's row."""

ADDRESS = Comparison(
    "address",
    "户与住址（本人的，或其子女的、所有房屋的）/ household and address (one's own, a child's, or of the room owned)",
    "address",
    f"(household_l is null or household_r is null) and (address_l is null or address_r is null) and not coalesce({FOLK}, false)",
    (
        Level("household", "同一户 / same household", "household_l = household_r", tf="household"),
        Level("folk", "与另一方的亲属同户 / in the household of the other's relative", FOLK),
        Level("same", "住址相同 / same address", "address_l = address_r", tf="address"),
        Level("building", "同一楼栋或村组 / same building, or villagers' group", "building_l = building_r", tf="building"),
        Level("different", "住址不同 / different address"),
    ),
)

MATE = Comparison(
    "mate",
    "配偶或孩子的另一方父母 / spouse, or the other parent of a child",
    "name",
    "mate_l is null or mate_r is null",
    (
        Level("same", "配偶姓名相同 / the mates have the same name", "mate_l = mate_r", tf="mate"),
        Level("different", "配偶姓名不同 / the mates have different names"),
    ),
)

FIRM = Comparison(
    "firm",
    "任职或持股的单位 / firm represented, owned or worked for",
    "name",
    "firm_l is null or firm_r is null",
    (Level("same", "同一单位 / the same firm", "firm_l = firm_r", tf="firm"), Level("different", "不同企业 / different firms")),
)

KIN = Comparison(
    "kin",
    "同一行中的子女或配偶 / the child, or the spouse, that the row names",
    "name",
    "coalesce(substr(kin_l, 1, 5) <> substr(kin_r, 1, 5), true) and coalesce(substr(kin_no_l, 1, 5) <> substr(kin_no_r, 1, 5), true)",
    (
        Level("same", "子女或配偶是同一人 / the same child or spouse", "kin_l = kin_r or kin_no_l = kin_no_r"),
        Level("different", "不是同一人 / not the same"),
    ),
)

POSTCODE = Comparison(
    "postcode",
    "邮政编码 / postcode",
    "postcode",
    "postcode_l is null or postcode_r is null",
    (
        Level("same", "邮编相同 / same postcode", "postcode_l = postcode_r", tf="postcode"),
        Level(
            "sector",
            "邮编前段相同 / same first part of the postcode",
            "substr(postcode_l, 1, length(postcode_l) - 2) = substr(postcode_r, 1, length(postcode_r) - 2)",
        ),
        Level("area", "邮编地区相同 / same postal area", "substr(postcode_l, 1, 3) = substr(postcode_r, 1, 3)"),
        Level("different", "邮编不同 / different postcode"),
    ),
)

BIRTH_PLACE = Comparison(
    "birth_place",
    "出生地 / birth place",
    "birth_place",
    "birth_place_l is null or birth_place_r is null",
    (
        Level("same", "出生地相同 / same birth place", "birth_place_l = birth_place_r", tf="birth_place"),
        Level("different", "出生地不同 / different birth place"),
    ),
)

OCCUPATION = Comparison(
    "occupation",
    "职业 / occupation",
    "occupation",
    "occupation_l is null or occupation_r is null",
    (
        Level("same", "职业相同 / same occupation", "occupation_l = occupation_r", tf="occupation"),
        Level("different", "职业不同 / different occupation"),
    ),
)

TURNED = "least(" + ", ".join(f"substr(name, {i}) || substr(name, 1, {i - 1})" for i in range(1, 5)) + ")"
"""SQL: the same for a name of up to four characters and for it with the surname last."""

BLOCKS = (
    Block("id_text", "证件号码 / identity number", "id_text"),
    Block(
        "number_start",
        "姓名读音和号码前半 / sound of the name and first half of the number",
        "pinyin || '|' || case when length(id_text) >= 15 then substr(id_text, 1, 9) end",
    ),
    Block(
        "number_end",
        "姓名读音和号码后半 / sound of the name and second half of the number",
        "pinyin || '|' || case when length(id_text) >= 15 then substr(id_text, 10) end",
    ),
    Block(
        "shown_end",
        "姓名读音和号码末四位 / sound of the name and last four digits",
        "coalesce(pinyin, name) || '|' || case when length(coalesce(id_part, id_text)) = 18 then substr(coalesce(id_part, id_text), 15) end",
    ),
    Block(
        "surname_end",
        "姓和号码末四位 / surname and last four digits",
        "surname || '|' || case when length(coalesce(id_part, id_text)) = 18 then substr(coalesce(id_part, id_text), 15) end",
    ),
    Block("name_kin", "姓名和同一行中的亲属 / name and relative in the row", "name || '|' || kin"),
    Block("name_kin_no", "姓名和同一行中亲属的号码 / name and number of the relative in the row", "name || '|' || kin_no"),
    Block("kin", "同一行中的亲属 / relative in the row", "kin", stop=20),
    Block("kin_no", "同一行中亲属的号码 / number of the relative in the row", "kin_no", stop=20),
    Block("name_phone", "姓名和电话 / name and phone", "name || '|' || phone"),
    Block("phone", "电话 / phone", "phone", stop=30),
    Block("name", "姓名 / name", "case when script = 'han' then name end", stop=20),
    Block("core", "首名和姓，非汉字 / first given name and surname, other scripts", "case when script = 'long' then core end"),
    Block("name_beginnings", "姓名字头 / name beginnings", "case when script = 'long' then substr(surname, 1, 4) || '|' || substr(given, 1, 3) end"),
    Block("surname", "少见的姓，非汉字 / rare surname, other scripts", "case when script = 'long' then surname end"),
    Block(
        "name_from", "姓名和出生年（起） / name and first possible year of birth", "case when script = 'han' then name || '|' || substr(born_from, 1, 4) end"
    ),
    Block("name_to", "姓名和出生年（止） / name and last possible year of birth", "case when script = 'han' then name || '|' || substr(born_to, 1, 4) end"),
    Block("sound_birth", "姓名读音和出生日期 / sound of the name and birth", "pinyin || '|' || born"),
    Block("turned_birth", "姓名（姓前姓后不论）和出生日期 / name, whichever part comes first, and birth", f"case when script = 'han' then {TURNED} || '|' || born end"),
    Block("surname_birth", "姓和出生日期 / surname and birth", "surname || '|' || born"),
    Block("given_birth", "名和出生日期 / given name and birth", "given || '|' || born"),
    Block(
        "beginnings_year",
        "姓名字头和出生年 / name beginnings and birth year",
        "substr(given, 1, 2) || '|' || substr(surname, 1, 2) || '|' || substr(born, 1, 4)",
    ),
    Block(
        "surname_day",
        "姓和生日月日，非汉字 / surname and day of birth without year, other scripts",
        "case when script = 'long' then surname || '|' || substr(born, 6, 5) end",
    ),
    Block("given_place", "名和出生地 / given name and birth place", "given || '|' || birth_place"),
    Block("surname_place", "姓和出生地 / surname and birth place", "surname || '|' || birth_place"),
    Block("surname_occupation", "姓和职业 / surname and occupation", "surname || '|' || occupation"),
    Block("place_year", "出生地和出生年 / birth place and year", "birth_place || '|' || substr(born, 1, 4)"),
    Block("surname_address", "姓和住址 / surname and address", "surname || '|' || address"),
    Block("name_household", "姓名和户号（本人或亲属的）/ name and household, one's own or a relative's", "name || '|' || coalesce(household, folk)"),
    Block("household_birth", "户号（本人或亲属的）和出生日期 / household, one's own or a relative's, and birth", "coalesce(household, folk) || '|' || born", stop=20),
    Block("name_mate", "姓名和配偶姓名 / name and mate", "name || '|' || mate"),
    Block("name_firm", "姓名和企业 / name and firm", "name || '|' || firm"),
    Block("given_address", "名和住址 / given name and address", "given || '|' || address"),
    Block("address_birth", "住址和出生日期 / address and birth", "address || '|' || born"),
    Block("building_name", "楼栋或村组和姓名 / building, or villagers' group, and name", "building || '|' || name"),
    Block("building_year", "楼栋、名和出生年 / building, given name and birth year", "building || '|' || given || '|' || substr(born, 1, 4)"),
    Block("postcode", "邮编 / postcode", "postcode"),
    Block("sector", "邮编前段 / first part of the postcode", "substr(postcode, 1, length(postcode) - 2)"),
    Block("area_birth", "邮编地区和出生日期 / postal area and birth", "substr(postcode, 1, 3) || '|' || born"),
    Block("area_given", "邮编地区和名 / postal area and given name", "substr(postcode, 1, 3) || '|' || given"),
    Block("area_surname", "邮编地区和姓 / postal area and surname", "substr(postcode, 1, 3) || '|' || surname"),
    Block("area_year", "邮编地区和出生年 / postal area and birth year", "substr(postcode, 1, 3) || '|' || substr(born, 1, 4)"),
)

PERSON = Settings(
    "person",
    (NAME, NAME_PART, BIRTH, BORN_PART, ID_NO, ID_PART, SEX, PHONE, ADDRESS, MATE, FIRM, KIN, POSTCODE, BIRTH_PLACE, OCCUPATION),
    BLOCKS,
    train_on=(("name",), ("born",), ("postcode", "surname"), ("address",), ("phone",)),
    sure=("sound_birth", "id_text"),
    known_by="name",
)
