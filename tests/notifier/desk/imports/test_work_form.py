"""What a piece of work must look like."""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.draft import WindowDraft
from maintenance.said import SaidText
from maintenance.states import Impact
from notifier.desk.imports.faults import Findings
from notifier.desk.imports.json_fields import Place
from notifier.desk.imports.json_list import read_items
from notifier.desk.imports.work_form import KEYS, ScopeLine, Work, read_work
from tests.notifier.desk.imports.lists import LISTS
from tests.notifier.desk.imports.works import work

TEXTS = {"en": {"title": "T", "impact": "I", "description": "D"}}


def read(value: object) -> tuple[Work | None, list[str]]:
    """Return the piece of work, and its faults without file and line."""
    findings = Findings("f")
    ((line, item),) = read_items(json.dumps([value]).encode(), findings)
    found = read_work(item, place=Place(findings, line), lists=LISTS, incidents={"INC-1"})
    return found, [str(fault).removeprefix("f:1: ") for fault in findings.faults]


def window(start: object, end: object = "2027-12-31T00:00", **more: object) -> dict[str, Any]:
    """Return a change of ``windows``."""
    return {"windows": [{"start": start, "end": end, **more}]}


def test_read_work_full_piece_becomes_values() -> None:
    """Every key at once; text that looks like a template as typed."""
    value = work(
        texts={"es": {"title": "{{ T }} %s", "impact": "I\r\nI", "description": "{0}"}},
        supplier="Lumen",
        supplier_reference="CHG 1",
        objects=["O-1", "O-2"],
        windows=[
            {"start": "2027-01-14T23:00", "end": "2027-01-15T02:00", "objects": ["O-1"], "alternate": False},
            {"start": "2027-01-15T23:00+01:00", "end": "2027-01-16T02:00", "alternate": True},
        ],
        incident="INC-1",
        accept_english=True,
    )
    assert read(value) == (
        Work(
            reference="MNT-1",
            supplier="Lumen",
            supplier_reference="CHG 1",
            scopes=(ScopeLine("netpro.ipsec", "provider", ""),),
            objects=("O-1", "O-2"),
            timezone=ZoneInfo("Europe/Madrid"),
            windows=(
                WindowDraft(datetime(2027, 1, 14, 22, tzinfo=UTC), datetime(2027, 1, 15, 1, tzinfo=UTC), ("O-1",)),
                WindowDraft(datetime(2027, 1, 15, 22, tzinfo=UTC), datetime(2027, 1, 16, 1, tzinfo=UTC), alternate=True),
            ),
            impact=Impact.OUTAGE,
            expected_outage_minutes=30,
            texts={"es": SaidText("{{ T }} %s", "I\nI", "{0}")},
            incident="INC-1",
            accept_english=True,
        ),
        [],
    )


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"reference": ""}, ["reference: is empty"]),
        ({"reference": 7}, ["reference: must be text in quotes, not 7"]),
        ({"reference": "a\nb"}, ["reference: has a control character or line break (U+000A) at position 2; write it on one line"]),
        ({"reference": "x" * 41}, ["reference: has 41 characters; 40 at most"]),
        ({"supplier": []}, ["supplier: must be text in quotes, not []"]),
        ({"supplier_reference": " x"}, ["supplier_reference: has spaces around it; take them away"]),
        ({"scope": []}, ["scope: is an empty list"]),
        ({"scope": {}}, ["scope: must be a list, not {}"]),
        ({"scope": ["x"]}, ["scope[0]: must be an object, not 'x'"]),
        ({"scope": [{}]}, ["scope[0].component: is missing", "scope[0].domain: is missing"]),
        (
            {"scope": [{"component": "netpro.telepathy", "domain": "provider"}]},
            ["scope[0].component: 'netpro.telepathy' is unknown; write one of: netpro.ipsec, netpro.openvpn"],
        ),
        ({"scope": [{"component": "netpro.ipsec", "domain": "mno"}]}, ["scope[0].domain: netpro.ipsec cannot be in the domain mno; possible: provider"]),
        (
            {"scope": [{"component": "netpro.ipsec", "domain": "provider", "operator": "o"}]},
            ["scope[0].operator: must be empty: only the domain mno has operators"],
        ),
        ({"objects": []}, ["objects: is an empty list"]),
        ({"objects": ["O", 1, "", "O"]}, ["objects[1]: must be text in quotes, not 1", "objects[2]: is empty", "objects[3]: 'O' is named twice"]),
        ({"timezone": "Mars/Olympus"}, ["timezone: 'Mars/Olympus' is no time zone; write an IANA name such as Europe/Madrid"]),
        ({"windows": []}, ["windows: is an empty list"]),
        ({"windows": [None]}, ["windows[0]: must be an object, not None"]),
        ({"windows": [{}]}, ["windows[0].start: is missing", "windows[0].end: is missing"]),
        (window("2027-01-14T23:00", "2027-01-14T23:00"), ["windows[0].end: '2027-01-14T23:00' is not after the start, '2027-01-14T23:00'"]),
        (window("tomorrow"), ["windows[0].start: 'tomorrow' is not a time such as 2026-12-14T23:00"]),
        (window(20270114), ["windows[0].start: must be text in quotes, not 20270114"]),
        (window("2027-01-14"), ["windows[0].start: '2027-01-14' has no time of day; write it as 2026-12-14T23:00"]),
        (
            window("2027-03-28T02:30"),
            [
                (
                    "windows[0].start: 2027-03-28T02:30 does not exist in Europe/Madrid: the clocks go forward then; "
                    "write 2027-03-28T01:30+01:00 or 2027-03-28T03:30+02:00"
                ),
            ],
        ),
        (
            window("2027-10-31T02:30"),
            [
                (
                    "windows[0].start: 2027-10-31T02:30 exists twice in Europe/Madrid: the clocks go back then; "
                    "write 2027-10-31T02:30+02:00 or 2027-10-31T02:30+01:00"
                ),
            ],
        ),
        (window("0001-01-01T00:00"), ["windows[0].start: '0001-01-01T00:00' is not a time such as 2026-12-14T23:00"]),
        (window("2027-01-01T00:00", "9999-12-31T23:59"), ["windows[0].end: '9999-12-31T23:59' is not a time such as 2026-12-14T23:00"]),
        (window("2027-01-01T00:00", objects=[1]), ["windows[0].objects[0]: must be text in quotes, not 1"]),
        (window("2027-01-01T00:00", alternate="yes"), ["windows[0].alternate: must be true or false, not 'yes'"]),
        (window("2027-01-01T00:00", alternate=1), ["windows[0].alternate: must be true or false, not 1"]),
        (window("2027-01-01T00:00", alternate=None), ["windows[0].alternate: must be true or false, not None"]),
        (
            window("2027-01-01T00:00", alternative=True),
            ["windows[0].alternative: is an unknown key; the keys are: start, end, objects, alternate"],
        ),
        ({"impact": "armageddon"}, ["impact: 'armageddon' is unknown; write one of: no_impact, reduced_redundancy, degraded, outage"]),
        ({"expected_outage_minutes": True}, ["expected_outage_minutes: must be a whole number, not True"]),
        ({"expected_outage_minutes": 1.5}, ["expected_outage_minutes: must be a whole number, not 1.5"]),
        ({"expected_outage_minutes": float("nan")}, ["expected_outage_minutes: must be a whole number, not nan"]),
        ({"expected_outage_minutes": "30"}, ["expected_outage_minutes: must be a whole number, not '30'"]),
        ({"expected_outage_minutes": -1}, ["expected_outage_minutes: -1 is not from 0 to 2147483647"]),
        ({"texts": {}}, ["texts: is empty"]),
        ({"texts": ["en"]}, ["texts: must be an object, not ['en']"]),
        ({"texts": {"en": "T"}}, ["texts[en]: must be an object, not 'T'"]),
        ({"texts": TEXTS | {"\x1b": TEXTS["en"]}}, ["texts['\\x1b']: has a control character or line break (U+001B) at position 1; write it on one line"]),
        ({"texts": TEXTS | {"xx": TEXTS["en"]}}, ["texts['xx']: 'xx' is unknown; write one of: en, es"]),
        ({"texts": {"en": {"title": "a\nb", "impact": " ", "description": None}}}, [
            "texts[en].title: has a control character or line break (U+000A) at position 2; write it on one line",
            "texts[en].impact: is empty",
            "texts[en].description: must be text in quotes, not None",
        ]),
        ({"texts": {"en": {}}}, ["texts[en].title: is missing", "texts[en].impact: is missing", "texts[en].description: is missing"]),
        ({"incident": "INC-9"}, ["incident: 'INC-9' is no incident; open it first: manage.py incident open"]),
        ({"accept_english": "yes"}, ["accept_english: must be true or false, not 'yes'"]),
        ({"window": []}, ["window: is an unknown key; the keys are: " + ", ".join(KEYS)]),
        ({"a b": []}, ["'a b': is an unknown key; the keys are: " + ", ".join(KEYS)]),
    ],
)  # fmt: skip
def test_read_work_wrong_field_is_refused_by_its_path(changes: dict[str, Any], faults: list[str]) -> None:
    """One case for each rule."""
    assert read(work(**{"texts": TEXTS, **changes})) == (None, faults)


def test_read_work_missing_keys_are_all_named() -> None:
    """Those that are optional are not."""
    missing = ["timezone", "reference", "scope", "windows", "impact", "expected_outage_minutes", "texts"]
    assert read({}) == (None, [f"{name}: is missing" for name in missing])


@pytest.mark.parametrize("value", [None, 1, "MNT-1", []])
def test_read_work_no_object_is_refused(value: object) -> None:
    """A list may hold anything."""
    assert read(value) == (None, [f"maintenance: must be an object, not {value!r}"])


def test_read_work_doubled_keys_are_refused_at_every_depth() -> None:
    """Which of the two was meant cannot be known."""
    findings = Findings("f")
    content = b'[{"reference": "A", "reference": "B", "scope": [{"domain": "mno", "domain": "mno"}], "texts": {"en": {}, "en": {}, "xx": {}, "xx": {}}}]'
    ((_line, item),) = read_items(content, findings)
    read_work(item, place=Place(findings, 1, "[0]"), lists=LISTS, incidents=())
    twice = [fault.column for fault in findings.faults if fault.message == "is written more than once"]
    assert twice == ["[0].reference", "[0].scope[0].domain", "[0].texts[en]", "[0].texts['xx']"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["0001-01-01T00:00+14:00", "2027-10-31T02:30", "UTC"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "component", "en", "title"]) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(changes=st.dictionaries(st.sampled_from([*KEYS, "other"]), JSON, max_size=3))
def test_read_work_any_json_gives_a_work_or_printable_faults(changes: dict[str, Any]) -> None:
    """Never another exception, and no character that moves a cursor."""
    found, faults = read({**work(texts=TEXTS), **changes})
    assert (found is None) == bool(faults)
    assert not [line for line in faults if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in line)]
