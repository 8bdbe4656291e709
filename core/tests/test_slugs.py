"""What a title becomes in an address, whatever script it is in; and when a title tells its chapter's number."""

import pytest

from novel_core.cli.titles import numbered
from novel_core.library.slugs import MAX_SLUG, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Lowen's Lamp", "lowens-lamp"),
        ("Lowen\u2019s Lamp", "lowens-lamp"),
        ("Rock 'n' Roll Don\u02bct Die", "rock-n-roll-dont-die"),
        ("Café Zoë, naïve Łukasz & Đặng", "cafe-zoe-naive-lukasz-dang"),
        ("Война и мир", "voyna-i-mir"),
        ("Большой съезд", "bolshoy-sezd"),
        ("Οδύσσεια", "odysseia"),
        ("검은 마법사의 귀환", "geomeun-mabeobsaui-gwihwan"),
        ("斗破苍穹", "dou-po-cang-qiong"),
        ("全职 The Avatar", "quan-zhi-the-avatar"),
        ("ألف ليلة", "lf-lylh"),
        ("\uff11\uff19\uff18\uff14", "1984"),
        ("👑 The King 👑", "the-king"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen-zerowidth"),
        # Japanese: no reading is better than a Chinese one.
        ("転生したらスライム", ""),
        ("ソードマスター", ""),
        ("Sword Master ソードマスター", "sword-master"),
        ("★★★", ""),
    ],
)
def test_a_title_in_an_address(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_a_japanese_novel_is_read_as_such_without_a_kana() -> None:
    assert slug_of("無職転生", language="ja-JP") == ""
    assert slug_of("1984", language="ja") == "1984"
    assert slug_of("無職転生", language="zh") == "wu-zhi-zhuan-sheng"


def test_a_long_title_is_cut_between_words() -> None:
    slug = slug_of("lantern " * 40)
    assert len(slug) <= MAX_SLUG
    assert set(slug.split("-")) == {"lantern"}
    assert slug_of("x" * 200) == "x" * MAX_SLUG


@pytest.mark.parametrize(
    "title",
    [
        "Chapter 5: The Price",
        "chapter five",
        "Ch. V",
        "Ep.5 - Ash",
        "5. Ash",
        "5",
        "[5] Ash",
        "#5 Ash",
        "第五章 黎明",
        "5화",
        "Глава 5",
    ],
)
def test_a_title_that_tells_its_number_is_left_alone(title: str) -> None:
    assert numbered(6, title) == title


@pytest.mark.parametrize("title", ["Ash", "Chapter of Accidents", "100 Days", "Champion 5", ""])
def test_any_other_title_gets_its_number(title: str) -> None:
    assert numbered(6, title) == f"6. {title}"
