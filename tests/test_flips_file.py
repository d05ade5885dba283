"""Recorded flips in the dialects of spreadsheets and statistics programs: the very same flips, whatever wrote them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.sources.flips_file import FlipsError, parse_flips

ROWS = [(1, 0, 0, 1), (0, 0, 1, 1), (1, 1, 1, 0)]
"""Heads is token 0."""


def table(rows=ROWS, *, heads="1", tails="0", between=",", end="\n") -> str:
    """The rows as text, a line for each."""
    return "".join(between.join((heads, tails)[flip] for flip in row) + end for row in rows)


def numbered(text: str, *, quote: str = "", first: int = 1) -> str:
    """The same lines with their numbers in front."""
    return "".join(f"{quote}{number}{quote},{line}\n" for number, line in enumerate(text.splitlines(), first))


PLAIN = table()
DIALECTS = {
    "commas": PLAIN,
    "semicolons": table(between=";"),
    "tabs": table(between="\t"),
    "bars": table(between="|"),
    "spaces": table(between=" "),
    "padded": table(between=" , "),
    "letters": table(heads="H", tails="T"),
    "small letters": table(heads="h", tails="t"),
    "words": table(heads="heads", tails="tails"),
    "capitals": table(heads="HEADS", tails="TAILS"),
    "truth": table(heads="TRUE", tails="FALSE"),
    "small truth": table(heads="true", tails="False"),
    "German": table(heads="Kopf", tails="Zahl", between=";", end="\r\n"),
    "German truth": table(heads="WAHR", tails="FALSCH", between=";", end="\r\n"),
    "decimals": table(heads="1.0", tails="0.0"),
    "German decimals": table(heads="1,0", tails="0,0", between=";"),
    "numpy.savetxt": table(heads="1.000000000000000000e+00", tails="0.000000000000000000e+00", between=" "),
    "one cell": table(between=""),
    "quoted": table(heads='"1"', tails='"0"'),
    "single quotes": table(heads="'H'", tails="'T'"),
    "quoted words": table(heads='"heads"', tails='"tails"', between=";"),
    "Windows lines": table(end="\r\n"),
    "old Macintosh lines": table(end="\r"),
    "trailing commas": table(end=",,\n"),
    "blank lines": table(end="\n\n  \n"),
    "no last line end": PLAIN.rstrip(),
    "header": f"flip1,flip2,flip3,flip4\n{PLAIN}",
    "German header": f"Wurf 1;Wurf 2;Wurf 3;Wurf 4\n{table(between=';')}",
    "header with a semicolon": f'"a;b",c,d,e\n{PLAIN}',
    "pandas header": f"0,1,2,3\n{PLAIN}",
    "R header": f"V1 V2 V3 V4\n{table(between=' ')}",
    "pandas with index": f",0,1,2,3\n{numbered(PLAIN, first=0)}",
    "R write.csv": f'"","flip1","flip2","flip3","flip4"\n{numbered(PLAIN, quote=chr(34))}',
    "R write.csv truth": f'"","a","b","c","d"\n{numbered(table(heads="TRUE", tails="FALSE"), quote=chr(34))}',
    "R write.table": f"a,b,c,d\n{numbered(PLAIN)}",
    "numbered": numbered(PLAIN),
    "named": "\n".join(f"coin {letter},{line}" for letter, line in zip("ABC", PLAIN.splitlines(), strict=True)),
    "named with header": "coin,f1,f2,f3,f4\n" + "\n".join(f"{name},{line}" for name, line in zip("XYZ", PLAIN.splitlines(), strict=True)),
    "comment": f"# flips of Tuesday\n{PLAIN}",
    "Excel's mark of the separator": f"sep=;\n{table(between=';')}",
    "columns are coins": "coin1,coin2,coin3\n" + table(list(zip(*ROWS, strict=True))),
    "columns are coins, numbered": '"","coin_1","coin_2","coin_3"\n' + numbered(table(list(zip(*ROWS, strict=True)))),
    "a line for each flip": "coin,flip\n" + "".join(f"{'ABC'[i]},{'HT'[flip]}\n" for i, row in enumerate(ROWS) for flip in row),
    "a line for each flip, counted": "coin,trial,outcome\n"
    + "".join(f"{i + 1},{t},{1 - flip}\n" for i, row in enumerate(ROWS) for t, flip in enumerate(row)),
    "missing": f"{PLAIN}NA,NA,,\n",
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_the_very_same_flips(dialect, encoding):
    assert parse_flips(DIALECTS[dialect].encode(encoding)) == ROWS


@pytest.mark.parametrize("text", ["1\n0\n0\n", "H\nT\nT", "flip\n1\n0\n0\n", '"","x"\n"1",1\n"2",0\n"3",0\n', "heads\n1\n0\n0\n", "HTT",
                                  "1;\n0;\n0;\n", "1,0,0\n", "outcome\nheads\ntails\ntails\n", ",flip\n0,True\n1,False\n2,False\n",
                                  "1\n\nNA\n0\n0\n"])
def test_one_column_or_one_line_is_one_coin(text):
    assert parse_flips(text.encode()) == [(0, 1, 1)]


def test_coins_may_have_been_flipped_differently_often_and_flips_may_be_missing():
    assert parse_flips(b"H,T,T\nH\n,T,NA,H\n") == [(0, 1, 1), (0,), (1, 0)]


@pytest.mark.parametrize(("text", "said"), [
    ("1,0\n1,2\n", "line 2, column 2: '2' is no flip"), ("f1,f2\n1,0\n1,0.5\n", "line 3, column 2: '0.5' is no flip"),
    ("1;0\n1;-1\n", "line 2, column 2: '-1' is no flip"), ("T,F\nF,T\n", "line 1, column 2: 'F' is no flip"),
    ("a,b\n\n1,0\nx,0\n", "line 4, column 1: 'x' is no flip"), ('"","a"\n"1",2\n', "line 2, column 2: '2' is no flip"),
    ("heads,tails\n7,3\n", "line 1, column 2: a column called 'tails'"),
    ("heads,tails\n10,11\n", "line 1, column 2: a column called 'tails'"),
    ("tails\n1\n0\n", "line 1, column 1: a column called 'tails'"), ("coin,flip\nA,H\nB\n", "line 3 has 1 cells"),
    ("coin,flip\nA,H\nB,yes\n", "line 3, column 2: 'yes' is no flip"), ("f1,f2\n", "line 1, column 1: 'f1' is no flip"),
    ("H\n" * 5_001, "more than 5,000 lines"), ("H,T\n" * 5_001, "more than 5,000 lines"), ("H," * 1_001, "line 1 has 1,001 flips"),
    ("NA,NA\n", "holds no flips"), ("# nothing\n", "holds no flips"), ("H,\0\n", "is no text"),
    ("%PDF-1.4\n%\n", "line 2, column 1: '%'"),
    ("{\\rtf1 H}", "line 1, column 1"),
])
def test_what_is_unclear_is_named_with_line_and_column(text, said):
    with pytest.raises(FlipsError) as refused:
        parse_flips(text.encode())
    assert said in str(refused.value) and str(refused.value).isprintable()


CELLS = st.sampled_from(["H", "T", "1", "0", "", "NA", "2", "coin", "flip", "heads", "tails", "HT", "coin1", '"', "x", "1.0", "#", "sep=;"])


@given(st.binary(max_size=60) | st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=6).map(lambda lines: "\n".join(lines).encode())
       | st.text(max_size=40).map(lambda text: text.encode("utf-16", "ignore")))
def test_a_file_of_any_content_is_read_or_refused_in_one_line(data):
    try:
        coins = parse_flips(data)
    except FlipsError as refused:
        assert str(refused).isprintable()
        return
    assert coins and all(coin and set(coin) <= {0, 1} for coin in coins)


@given(st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=6).map(tuple), min_size=1, max_size=6), st.sampled_from(",;\t|"),
       st.sampled_from([("H", "T"), ("heads", "tails"), ("TRUE", "FALSE"), ("1.0", "0.0")]), st.booleans(), st.sampled_from(ENCODINGS))
def test_flips_that_were_written_are_read_back(rows, between, names, headed, encoding):
    widest = max(map(len, rows))
    header = between.join(f"flip {i}" for i in np.arange(widest)) + "\n" if headed else ""
    text = header + table(rows, heads=names[0], tails=names[1], between=between)
    assert parse_flips(text.encode(encoding)) == rows
