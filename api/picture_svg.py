"""A picture of relations as SVG, and as one HTML page that can be moved, enlarged and pointed at. Self-contained: nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from cityweave.api import words
from cityweave.api.model import Answer
from cityweave.api.picture import FONT, GAP, HIGH, PAD, ROW, SMALL, Box, Line, Picture, laid_out, width

MARGIN, HEAD, BENT = 24, 76, 90
FAMILY = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
FILLS: Mapping[str, str] = {"person": "#e8f1fb", "legal_entity": "#fdf0dc", "building": "#eaf5ea", "room": "#eaf5ea", "thing": "#f1f1f1", "folded": "#ffffff"}
ROUND: Mapping[str, int] = {"person": 12, "legal_entity": 2, "building": 2, "room": 6, "thing": 6, "folded": 12}
COLOURS = ("#1f6fb2", "#c0392b", "#1e8449", "#8e44ad", "#b9770e", "#117a8b", "#7b241c", "#34495e", "#a93284", "#5d6d3a", "#d35400", "#2e4053")


NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 (sec. 2.2) does not know."""


def escaped(text: str) -> str:
    """The text as XML and HTML write it; what they cannot write becomes �."""
    return escape(NEVER.sub("�", text))


def svg(answer: Answer) -> str:
    """The picture as SVG; valid XML."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _svg(answer) + "\n"


def page(answer: Answer) -> str:
    """The picture as an HTML page: wheel enlarges, dragging moves, a click keeps what is related to one node."""
    return f"""<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8"><title>{escaped(_title(answer))}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>html,body{{margin:0;height:100%}}svg{{display:block;width:100%;height:100%;cursor:grab}}.far{{opacity:.15}}</style></head>
<body>
{_svg(answer)}
<script>
{SCRIPT}</script>
</body></html>
"""


def _svg(answer: Answer) -> str:
    data = answer.data
    drawn = laid_out(data)
    colours = {kind: COLOURS[place % len(COLOURS)] for place, kind in enumerate(drawn.kinds)}
    head = [_title(answer), _subtitle(answer)]
    bent = BENT if any(not line.tree for line in drawn.lines) else 0
    wide = max(drawn.wide + 2 * bent, 1.5 * width(head[0]), width(head[1]), 480) + 2 * MARGIN
    legend, foot = _legend(drawn, colours, wide - 2 * MARGIN)
    high = HEAD + drawn.high + MARGIN + foot
    left = (wide - drawn.wide) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}" '
        f'font-family="{FAMILY}" font-size="{FONT}">',
        f"<title>{escaped(head[0])}</title>",
        f'<rect width="{wide:.0f}" height="{high:.0f}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="32" font-size="18" font-weight="bold">{escaped(head[0])}</text>',
        f'<text x="{MARGIN}" y="54" fill="#555555">{escaped(head[1])}</text>',
        f'<g transform="translate({left:.1f} {HEAD})">',
        *(_curve(line, colours[line.kind], drawn.boxes[0].x) for line in drawn.lines if not line.tree),
        *(_branch(line, colours[line.kind]) for line in drawn.lines if line.tree),
        *(_box(box) for box in drawn.boxes),
        "</g>",
        f'<g transform="translate({MARGIN} {HEAD + drawn.high + MARGIN:.1f})">{legend}</g>',
        "</svg>",
    ]
    return "\n".join(parts)


def _title(answer: Answer) -> str:
    return f"{answer.data['label'] or answer.data['entity']} 的关系 / relations"


def _subtitle(answer: Answer) -> str:
    data = answer.data
    seen = "未遮盖 in clear" if answer.clear else "已遮盖 masked"
    said = f"{data['entity']} · {data['depth']} 步之内 steps · {data['as_of']} 有效 valid · 第 {answer.generation} 代 generation · {seen}"
    return said + (f" · 另有 {data['cut']} 个未画 / {data['cut']} more not drawn" if data["cut"] else "")


def _box(box: Box) -> str:
    x, y = box.x - box.wide / 2, box.y - HIGH / 2
    dashed = ' stroke-dasharray="3 3"' if box.kind == "folded" else ""
    thick = 2.5 if box.distance == 0 else 1
    return (
        f'<g class="node" data-node="{escaped(box.node)}"><title>{escaped(box.title)}</title>'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{box.wide:.1f}" height="{HIGH}" rx="{ROUND.get(box.kind, 4)}" fill="{FILLS.get(box.kind, "#ffffff")}" '
        f'stroke="#44546a" stroke-width="{thick}"{dashed}/>'
        f'<text x="{box.x:.1f}" y="{box.y + FONT * 0.36:.1f}" text-anchor="middle">{escaped(box.text)}</text></g>'
    )


def word_place(line: Line) -> tuple[float, float]:
    """Where the words of a line of the tree are centred: in the row of the box reached, before it."""
    side = 1 if line.b.x > line.a.x else -1
    return line.b.x - side * (line.b.wide / 2 + GAP / 2 - PAD / 2), line.b.y - 4


def _branch(line: Line, colour: str) -> str:
    side = 1 if line.b.x > line.a.x else -1
    x1, x2 = line.a.x + side * line.a.wide / 2, line.b.x - side * line.b.wide / 2
    bend = x2 - side * (GAP - PAD)
    turn, ya, yb = bend - side * PAD, line.a.y, line.b.y
    way = f"M{x1:.1f} {ya:.1f} L{turn:.1f} {ya:.1f} C{bend:.1f} {ya:.1f} {turn:.1f} {yb:.1f} {bend:.1f} {yb:.1f} L{x2:.1f} {yb:.1f}"
    tips = (_tip(x2, line.b.y, side, colour) if line.ahead else "") + (_tip(bend, line.b.y, -side, colour) if line.back else "")
    x, y = word_place(line)
    return (
        f'<g class="tie" data-a="{escaped(line.a.node)}" data-b="{escaped(line.b.node)}"><title>{escaped(line.title)}</title>'
        f'<path d="{way}" fill="none" stroke="{colour}"/>{tips}'
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{SMALL}" fill="{colour}">{escaped(line.text)}</text></g>'
    )


def _tip(x: float, y: float, side: int, colour: str) -> str:
    return f'<path d="M{x:.1f} {y:.1f} l{-7 * side} -3.5 l0 7 z" fill="{colour}"/>'


def _curve(line: Line, colour: str, middle: float) -> str:
    """A relation beside the tree: from the outer end of one box to that of the other, bent away from the middle."""
    side = 1 if line.a.x + line.b.x >= 2 * middle else -1
    xa, xb = line.a.x + side * line.a.wide / 2, line.b.x + side * line.b.wide / 2
    out = side * max(side * xa, side * xb) + side * (30 + min(abs(line.a.y - line.b.y) / 6, BENT - 30))
    way = f"M{xa:.1f} {line.a.y:.1f} C{out:.1f} {line.a.y:.1f} {out:.1f} {line.b.y:.1f} {xb:.1f} {line.b.y:.1f}"
    return (
        f'<g class="tie" data-a="{escaped(line.a.node)}" data-b="{escaped(line.b.node)}"><title>{escaped(line.title)}</title>'
        f'<path d="{way}" fill="none" stroke="{colour}" stroke-dasharray="5 3" opacity=".75"/></g>'
    )


def _legend(drawn: Picture, colours: Mapping[str, str], wide: float) -> tuple[str, float]:
    """Which colour is which relation, which box which kind, in lines of that width; and how high that is."""
    kinds = sorted({box.kind for box in drawn.boxes} - {"folded"})
    items = [(f'<line x1="0" x2="22" y1="-4" y2="-4" stroke="{colours[kind]}" stroke-width="2"/>', words.EDGES.get(kind, kind)) for kind in drawn.kinds]
    items += [
        (f'<rect x="0" y="-12" width="22" height="14" rx="{min(ROUND.get(kind, 4), 7)}" fill="{FILLS[kind]}" stroke="#44546a"/>', words.KINDS.get(kind, kind))
        for kind in kinds
    ]
    if any(not line.tree for line in drawn.lines):
        items.append(('<line x1="0" x2="22" y1="-4" y2="-4" stroke="#555555" stroke-dasharray="5 3"/>', "他们之间的其他关系 other relations among them"))
    parts, x, y = [], 0.0, 20.0
    for sign, text in items:
        if x + 54 + width(text) > wide and x:
            x, y = 0.0, y + 22
        parts.append(f'<g transform="translate({x:.0f} {y:.0f})">{sign}<text x="30" y="0" font-size="12">{escaped(text)}</text></g>')
        x += 54 + width(text)
    return "".join(parts), y + ROW


SCRIPT = """const s=document.querySelector('svg');s.removeAttribute('width');s.removeAttribute('height');
let v=s.viewBox.baseVal,from=null,moved=false;
s.addEventListener('wheel',e=>{e.preventDefault();const k=e.deltaY>0?1.15:1/1.15,r=s.getBoundingClientRect(),
 x=v.x+v.width*(e.clientX-r.left)/r.width,y=v.y+v.height*(e.clientY-r.top)/r.height;
 v.x=x-(x-v.x)*k;v.y=y-(y-v.y)*k;v.width*=k;v.height*=k},{passive:false});
s.addEventListener('pointerdown',e=>{from=[e.clientX,e.clientY];moved=false});
s.addEventListener('pointermove',e=>{if(!from)return;const r=s.getBoundingClientRect(),k=Math.max(v.width/r.width,v.height/r.height);
 if(Math.abs(e.clientX-from[0])+Math.abs(e.clientY-from[1])>3)moved=true;
 v.x-=(e.clientX-from[0])*k;v.y-=(e.clientY-from[1])*k;from=[e.clientX,e.clientY]});
addEventListener('pointerup',()=>{from=null});
s.addEventListener('click',e=>{if(moved)return;const g=e.target.closest('.node'),near=new Set();
 if(g){near.add(g.dataset.node);s.querySelectorAll('.tie').forEach(t=>{if(t.dataset.a===g.dataset.node)near.add(t.dataset.b);if(t.dataset.b===g.dataset.node)near.add(t.dataset.a)})}
 s.querySelectorAll('.node').forEach(n=>n.classList.toggle('far',!!g&&!near.has(n.dataset.node)));
 s.querySelectorAll('.tie').forEach(t=>t.classList.toggle('far',!!g&&t.dataset.a!==g.dataset.node&&t.dataset.b!==g.dataset.node))});
"""
