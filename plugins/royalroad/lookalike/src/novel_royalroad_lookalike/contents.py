"""Special chapter texts, a string for each element: `chapter.paragraphs = contents.IMAGE_ONLY`."""

from __future__ import annotations

IMAGE_ONLY = (
    '<p><img src="https://i.imgur.com/lk1map.png" alt="" width="1000" height="488"></p>',
    '<figure><img src="https://www.royalroadcdn.com/public/chapters/lk2map.jpg" alt="image"></figure>',
)

IMAGE = ('<p><img src="https://i.imgur.com/lk3inn.png" alt="" width="640" height="320"></p>',)

TABLE = (
    "<p>The sheet said this much.</p>",
    (
        '<div style="max-width: 100%; overflow:auto"><table style="width: 420px; height: 96px; border-collapse: collapse" '
        'border="1"><tbody><tr><td style="width: 120px" rowspan="2">Belden</td><td colspan="2">Level 7. Scribe.</td></tr>'
        "<tr><td>Grit</td><td>12</td></tr></tbody></table></div>"
    ),
    "<p>Belden folded it twice. It did not get better.</p>",
)

SPOILER = (
    "<p>Fair warning. A sheet follows.</p>",
    '<div class="spoiler-new" data-caption="Belden\'s sheet" data-class="spoiler"><p>Grit: 12</p><p>Luck: none</p></div>',
    '<div class="spoiler-new" data-caption="Spoiler" data-class="spoiler"><p>The bell was cracked all along.</p></div>',
    "<p>Onwards.</p>",
)

#: Real stories say what the hidden sentences say; nothing of this may be lost.
QUOTES_THE_SITE = (
    "<p>The parcel came from Amazon, dented as ever.</p>",
    '<p>"If you find this story on Amazon, it has been stolen," the herald read aloud. "Please report it."</p>',
    "<p>Gisla walked down the royal road. Royal Road, said the sign; support the author, said the graffiti.</p>",
    "<p>It ended there.</p>",
)

#: Zero-width and no-break spaces, an empty paragraph, letters beyond the BMP, CJK, a soft hyphen.
ODD_CHARACTERS = (
    "<p>\u200bThe rune read \U0001d50e\U0001d52b\U0001d52c\U0001d534, the cat was a \U0001f408\u200d\u2b1b.</p>",
    "<p>\u00a0</p>",
    "<p>Ten\u00a0coppers,&nbsp;no more \u2013 \u201cnot one,\u201d she said\u2026 \u65c5\u4eba\u306f\u6b69\u3044\u305f\u3002</p>",
    "<p>A long\u00adish word.</p>",
)

#: The site's proxy replaces the addresses by `data-cfemail`, with another key in each response.
EMAIL = (
    "<p>The letterhead said guild.desk@harrow-bridge.example, and nothing else.</p>",
    '<p>Write to <a href="mailto:belden@mossgrave.example" rel="ugc nofollow">Belden</a> if you must.</p>',
)

FORMATTED = (
    '<p style="text-align: center"><span style="font-size: 1.5em"><strong>Part Two</strong></span></p>',
    '<p><span style="color: rgba(22, 145, 121, 1)">A green voice.</span> <u>Under</u> <s>over</s> x<sup>2</sup> H<sub>2</sub>O</p>',
    '<p><a href="/profile/77" rel="ugc nofollow">A relative link</a> and <a href="https://example.org/" rel="ugc nofollow">another one</a>.</p>',
    "<ul><li>rope</li><li>chalk</li></ul>",
    "<h2>A heading</h2>",
    "<p>Line one.<br>Line two.</p>",
)
