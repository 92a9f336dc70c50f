"""What a name looks and sounds like: worked out once for each distinct name, on columns, the same on every engine."""

from __future__ import annotations

import importlib

import opencc
import polars as pl
import pyarrow as pa

from cityweave.engine.model import Arguments, Files, Inputs

COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 "
    "公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师"
).split()
"""Surnames of two characters."""

TITLES = (
    "sir dame lord lady mr mrs ms miss dr prof professor rev reverend the of hon honourable gen general maj major col colonel capt captain lt lieutenant adm admiral sgt "
    "baron baroness baronet bt earl count countess duke duchess viscount viscountess marquess marquis prince princess jr sr junior senior ii iii iv esq saint st"
).split()
"""Words that go with a name and are not part of it."""

LOOKALIKE = (
    "己已巳 未末 日曰 千干于 土士 大太犬 人入八 刀力 王玉主 申甲由 戊戌戍戎 侯候 天夭 午牛 田由 目且 乌鸟 贝见 风凤 今令 免兔 "
    "元无 开升 木本术 子孑 问间 晴睛 清请情青 析折 杨扬 陈阵 刘浏 郎朗 晓骁 楠南 燕蒸 祥详 伟炜玮 辉晖 洋祥 莲连 亮毫 景影 "
    "杰木 云去 兰三 萍苹 芳劳 荣萦 涛铸 强弦 峰锋烽 军车 明朋 丽而 娟涓 琳淋 敏繁 静净 慧彗 建健 永水 勇湧 飞气 玲铃 霞瑕 "
    "红江 桂柱 华毕 宇字 哲誓 轩杆 浩皓 博搏 斌赋 鑫森 俊竣 佳住 倩情 雅难 "
).split()
"""Characters that are read or typed for one another."""

FEATURES = ("text", "name", "script", "surname", "given", "core", "pinyin", "look", "name_part")

HAN = r"^\p{Han}{1,4}$"

MASKED = r"^[\p{Han}*]{1,14}$"
"""A name of which public lists hide a part: 张*三, 张**, *三. 某 hides one too."""

CALLED = r"^(\p{Han})(?:先生|女士|小姐|太太|大爷|大妈|大叔|大姐|阿姨|师傅|老师|同志)$"
"""Whom a call centre or a neighbour knows by the surname alone."""

NAMELESS = r"^\p{Han}{2,4}之[长次三大二小]?[子女婴儿]$|^(新生儿|婴儿|弃婴|男婴|女婴|未取名|未命名|待取名|待命名|无名氏|无名|某某)$"
"""What stands where a child has no name yet: 李雨灵之子."""


def name_form(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `name_form`: for each distinct name as delivered its plain form, sound, shape, script and parts."""
    (table,) = inputs.values()
    texts = pl.DataFrame({"text": table.column("text")}).sort("text")
    frame = _plain(texts).filter(~pl.col("name").str.contains(NAMELESS))
    masked = pl.col("name").str.contains(MASKED) & pl.col("name").str.contains(r"\*")
    frame = frame.with_columns(
        script=pl.when(masked).then(pl.lit("masked")).when(pl.col("name").str.contains(HAN)).then(pl.lit("han")).otherwise(pl.lit("long"))
    )
    parts = [make(frame.filter(script=script)) for script, make in (("han", _han), ("long", _long), ("masked", _masked))]
    return pl.concat(part.select(FEATURES) for part in parts).sort("text").to_arrow()


def plain_text(texts: pl.Expr) -> pl.Expr:
    """A text in lower case, width folded, its middle dots and spaces of one kind; NULL when nothing is left."""
    folded = texts.str.normalize("NFKC").str.to_lowercase().str.replace_all("[•‧∙・･.．●﹒⋅◦]", "·").str.replace_all(r"\s+", " ").str.strip_chars(" ·")
    return pl.when(folded != "").then(folded)


def by_character(frame: pl.DataFrame, column: str, image: dict[str, str]) -> pl.Series:
    """Each text with every character replaced by its image (itself where it has none)."""
    numbered = frame.select(pl.col(column)).with_row_index("i")
    letters = numbered.select("i", pl.col(column).str.split("")).explode(column)
    mapped = letters.with_columns(pl.col(column).replace(image))
    joined = mapped.group_by("i", maintain_order=True).agg(pl.col(column).str.join("", ignore_nulls=True))
    return joined[column].alias(column)


def simplified(characters: list[str]) -> dict[str, str]:
    """Traditional character -> simplified one, for those that have one."""
    convert = opencc.OpenCC("t2s").convert
    return {character: image for character in characters if (image := convert(character)) != character and len(image) == 1}


def characters_of(texts: pl.Series) -> list[str]:
    """The distinct characters of these texts, sorted."""
    return sorted(set("".join(texts.drop_nulls().unique().to_list())))


def sounds_of(letters: list[str]) -> dict[str, str]:
    """Character -> its sound in pinyin without tones."""
    pypinyin = importlib.import_module("pypinyin")  # takes a fifth of a second to load, and nothing else needs it
    return dict(zip(letters, pypinyin.lazy_pinyin(letters), strict=True)) if letters else {}


def _plain(texts: pl.DataFrame) -> pl.DataFrame:
    frame = texts.with_columns(name=plain_text(pl.col("text"))).filter(pl.col("name").is_not_null())
    inside_han = pl.col("name").str.replace_all(" ", "").str.replace(r"^(\p{Han})某(某?)$", "${1}*${2}").str.replace_all("\\*某", "**")
    inside_han = inside_han.str.replace(CALLED, "${1}*")
    frame = frame.with_columns(name=pl.when(inside_han.str.contains(MASKED)).then(inside_han).otherwise(pl.col("name")))
    return frame.with_columns(by_character(frame, "name", simplified(characters_of(frame["name"]))))


_SIZE = pl.when((pl.col("name").str.len_chars() > 2) & pl.col("name").str.slice(0, 2).is_in(COMPOUND)).then(2).otherwise(1)
"""How many characters the surname has."""


def _masked(frame: pl.DataFrame) -> pl.DataFrame:
    """What is hidden sounds and looks like nothing: only a surname that is shown and the pattern are left."""
    surname = pl.col("name").str.slice(0, _SIZE)
    nothing = pl.lit(None, pl.String)
    return frame.with_columns(
        **dict.fromkeys(("given", "core", "pinyin", "look"), nothing),
        surname=pl.when(~surname.str.contains(r"\*")).then(surname),
        name_part=pl.col("name"),
        name=nothing,
    )


def _han(frame: pl.DataFrame) -> pl.DataFrame:
    sounds = sounds_of(characters_of(frame["name"]))
    given = pl.col("name").str.slice(_SIZE)
    return frame.with_columns(
        by_character(frame, "name", sounds).alias("pinyin"),
        by_character(frame, "name", lookalikes()).alias("look"),
        surname=pl.col("name").str.slice(0, _SIZE),
        given=pl.when(given != "").then(given),
        core=pl.col("name"),
        name_part=pl.lit(None, pl.String),
    )


def _long(frame: pl.DataFrame) -> pl.DataFrame:
    words = _words(pl.col("name"))
    main = _words(pl.col("name").str.split(",").list.first())
    main = pl.when(main.list.len() > 1).then(main).otherwise(words)
    given = main.list.first()
    surname = pl.when(main.list.len() > 1).then(main.list.last())
    return frame.with_columns(
        name=pl.when(words.list.len() > 0).then(words.list.join(" ")).otherwise(pl.col("name")),
        surname=surname,
        given=given,
        core=given + " " + surname,
        pinyin=pl.when(words.list.len() > 0).then(words.list.join("")),
        look=pl.lit(None, pl.String),
        name_part=pl.lit(None, pl.String),
    )


def _words(text: pl.Expr) -> pl.Expr:
    """The words of a name without titles and ordinals."""
    words = text.str.replace_all("[^\\p{L}\\p{N}'-]+", " ").str.strip_chars(" ").str.split(" ")
    element = pl.element()
    return words.list.filter((element != "") & ~element.is_in(TITLES) & ~element.str.contains(r"^\d"))


def lookalikes() -> dict[str, str]:
    """Character -> the first of its look-alike class; a character in two classes stays with the first."""
    image: dict[str, str] = {}
    for alike in LOOKALIKE:
        for character in alike:
            image.setdefault(character, alike[0])
    return image
