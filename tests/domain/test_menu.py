"""A phone menu: what callers hear, that every key leads through, and that nobody is kept in it."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from contact.domain.errors import InvalidRequest
from contact.domain.menu import RETRIES_MAX, TURNS_MAX, Ending, Ends, Menu, Step
from contact.domain.menu_document import (
    OPTIONS_MAX,
    PART_SECONDS_MAX,
    default,
    menu_of,
    parse,
    seconds,
    told_languages,
    without_retired,
)
from tests.domain.menus import CREDIT, INCOME, PAYMENT, TOPICS, documents, option, passing, taxes

BOTH = ("fr", "en")
LANGUAGES = st.sampled_from([("fr",), ("en",), BOTH, ("en", "fr")])
NAMES = st.fixed_dictionaries(
    {"fr": st.text(min_size=1, max_size=80)}, optional={"en": st.text(min_size=1, max_size=80)}
)
# What a caller does at a step: a key, some words, or nothing.
ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([*"0123456789*#", "112"]), st.just("")),
        st.tuples(st.just(""), st.text(max_size=60)),
        st.tuples(st.just(""), st.sampled_from(["", "deux", "English", "répétez", "un conseiller", "les pompiers"])),
    ),
    min_size=TURNS_MAX + 1,
    max_size=TURNS_MAX + 5,
)


@pytest.fixture
def menu() -> Menu:
    return parse(taxes(), BOTH, TOPICS)


def heard(step: Step) -> str:
    return " ".join(one.text for one in step.says)


def after(menu: Menu, *acts: tuple[str, str]) -> Step:
    step = menu.start()
    for digits, said in acts:
        step = menu.advance(step.state, digits, said)
    return step


def test_what_a_caller_hears_first(menu: Menu):
    """The welcome, the emergency number, the other language in its own voice, options with keys, the ways out."""
    step = menu.start()

    assert [(one.language, one.text) for one in step.says] == [
        ("fr", "Bienvenue au service des impôts."),
        ("fr", "En cas d'urgence, raccrochez et composez le 112."),
        ("en", "For English, press 9."),
        ("fr", "Déclarer mes revenus, tapez 1."),
        ("fr", "Crédits d'impôt, tapez 2."),
        ("fr", "Laisser un message, tapez 4."),
        ("fr", "Autre chose, tapez 5."),
        ("fr", "Pour parler à une personne, tapez 0. Pour réécouter, tapez étoile."),
        ("fr", "Vous pouvez aussi dire ce qui vous amène."),
    ]
    assert step.ends is None
    assert step.asks is not None
    assert step.asks.keys == ("1", "2", "4", "5", "0", "*", "9")
    assert "impôt sur le revenu" in step.asks.hints
    assert step.asks.timeout_seconds == 4


@pytest.mark.parametrize(
    ("digits", "said", "ending"),
    [
        ("1", "", Ending(Ends.TOPIC, INCOME)),
        ("2", "", Ending(Ends.TOPIC, CREDIT)),
        ("4", "", Ending(Ends.VOICEMAIL, PAYMENT)),
        ("5", "", Ending(Ends.PERSON, PAYMENT)),
        ("0", "", Ending(Ends.PERSON, PAYMENT)),
        ("", "Deux.", Ending(Ends.TOPIC, CREDIT)),
        ("", "Je voudrais déclarer mes revenus.", Ending(Ends.TOPIC, INCOME)),
        ("", "Un conseiller, s'il vous plaît !", Ending(Ends.PERSON, PAYMENT)),
        ("", "Il y a le feu, les pompiers !", Ending(Ends.EMERGENCY, PAYMENT)),
        ("112", "", Ending(Ends.EMERGENCY, PAYMENT)),
    ],
)
def test_where_keys_and_words_lead(menu: Menu, digits: str, said: str, ending: Ending):
    """A key or its word, a matter, a person; danger is told to hang up and dial 112, and goes to a person."""
    step = after(menu, (digits, said))

    assert step.ends == ending
    assert step.asks is None
    assert step.says
    assert ("112" in heard(step)) == (ending.kind is Ends.EMERGENCY)


def test_star_repeats_without_the_welcome(menu: Menu):
    """The options again, and it is no miss."""
    step = after(menu, ("*", ""))

    assert heard(step) == heard(menu.start()).partition("112. ")[2]
    assert step.state["misses"] == 0


@pytest.mark.parametrize("act", [("9", ""), ("", "English please"), ("", "nine")])
def test_the_other_language(menu: Menu, act: tuple[str, str]):
    """By key or by its name, at any time; from then on all is in that language. A French ear expects French numbers."""
    step = after(menu, act)

    if act[1] == "nine":
        assert step.state["misses"] == 1
        return
    assert {one.language for one in step.says if one.text != "Pour le français, tapez 9."} == {"en"}
    assert menu.advance(step.state, "", "my tax return").ends == Ending(Ends.TOPIC, INCOME)
    assert menu.start("en").state["language"] == "en"


def test_silence_and_nonsense_are_told_apart_twice_then_a_person(menu: Menu):
    """Two retries, each saying what was wrong; the third miss is put through."""
    silent = after(menu, ("", ""))
    puzzled = menu.advance(silent.state, "", "blablabla")
    over = menu.advance(puzzled.state, "7", "")

    assert silent.says[0].text == "Je n'ai rien entendu."
    assert puzzled.says[0].text == "Je n'ai pas compris."
    assert over.ends == Ending(Ends.PERSON, PAYMENT)


def test_out_of_hours(menu: Menu):
    """The hours are the administration's own, with its break and its days off; who calls then leaves a message."""
    at = [
        datetime(2026, 11, 23, hour, minute) for hour, minute in ((8, 59), (9, 0), (11, 59), (12, 0), (16, 59), (17, 0))
    ]

    assert [menu.is_open(one) for one in at] == [False, True, True, False, True, False]
    assert not menu.is_open(datetime(2026, 11, 24, 10))
    assert not menu.is_open(datetime(2026, 12, 28, 10))
    step = menu.start(is_open=False)
    assert step.ends == Ending(Ends.VOICEMAIL, PAYMENT)
    assert [one.language for one in step.says] == ["fr", "fr", "en", "en"]
    mute = menu_of(taxes() | {"takes_messages": False}, BOTH).start(is_open=False)
    assert mute.ends == Ending(Ends.CLOSED)
    assert heard(mute) == "Nous sommes fermés. We are closed."


def changed(change: str) -> dict[str, Any]:
    document = taxes()
    options = document["options"]
    match change:
        case "no English":
            document["welcome"] = {"fr": "Bonjour."}
        case "blank":
            options[0]["name"]["en"] = "  "
        case "long":
            document["closed"]["fr"] = "Nous sommes fermés. " * 8
        case "key twice":
            options[1]["key"] = "1"
        case "nobody's topic":
            options[0]["topic"] = "00000000-0000-0000-0000-000000000099"
        case "no topic":
            options[0]["topic"] = None
        case "otherwise nowhere":
            document["otherwise"] = "00000000-0000-0000-0000-000000000099"
        case "emergency name":
            options[0]["name"]["fr"] = "Le 112"
        case "emergency word":
            options[0]["words"]["en"] = ["nine one one"]
        case "alike":
            options[1]["name"]["fr"] = "Mes revenus"
        case "no words":
            options[1]["name"]["en"] = "The"
        case "control":
            document["welcome"]["fr"] = "Bon\x07jour"
        case "no such day":
            document["closed_on"] = ["2026-02-31"]
        case "closes first":
            document["openings"][0]["closes"] = "08:00"
        case "two at once":
            document["openings"][1]["opens"] = "11:00"
    return document


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ("no English", "welcome.en", "required"),
        ("blank", "options.0.name.en", "required"),
        ("long", "closed.fr", "said_too_long|11|8"),
        ("key twice", "options.0.key", "named_twice"),
        ("nobody's topic", "options.0.topic", "unknown_topic"),
        ("no topic", "options.0.topic", "unknown_topic"),
        ("otherwise nowhere", "otherwise", "unknown_topic"),
        ("emergency name", "options.0.name.fr", "emergency_number"),
        ("emergency word", "options.0.words.en.0", "emergency_number"),
        ("alike", "options.1.words.fr", "not_told_apart"),
        ("no words", "options.1.words.en", "not_told_apart"),
        ("control", "welcome.fr", "unstorable_characters"),
        ("no such day", "closed_on.0", "not_a_date"),
        ("closes first", "openings.0.closes", "closes_before_opening"),
        ("two at once", "openings.1.opens", "overlapping_hours"),
    ],
)
def test_a_wrong_menu_is_refused_by_place(change: str, place: str, code: str):
    """Each fault names its place in the document, with its code."""
    with pytest.raises(InvalidRequest) as refused:
        parse(changed(change), BOTH, TOPICS)

    assert refused.value.facts["fields"][f"document.{place}"] == [code]


def test_a_language_of_no_campaign_may_stay_untold():
    """A campaign that speaks French only needs no English."""
    assert parse(changed("no English"), ("fr",), TOPICS).start().asks is not None


def parsed(document: dict[str, Any], languages: tuple[str, ...]) -> Menu:
    """The menu, where there is one; else Hypothesis looks for another document."""
    try:
        return parse(document, languages, TOPICS)
    except InvalidRequest:
        reject()


Drawn = tuple[dict[str, Any], tuple[str, ...]]
MENUS = LANGUAGES.flatmap(lambda languages: st.tuples(passing(languages), st.just(languages)))


@given(MENUS, ACTS)
def test_nobody_is_kept_in_a_menu(drawn: Drawn, acts: list[tuple[str, str]]):
    """Whatever a caller does, they miss at most twice and are put through within the turns; each step says something
    in a language of the campaign and nothing longer than a part may be."""
    menu = parsed(*drawn)
    step = menu.start()
    for digits, said in acts:
        spoken(step, menu)
        if step.ends is not None:
            break
        assert step.state["misses"] <= RETRIES_MAX
        step = menu.advance(step.state, digits, said)

    assert step.ends is not None


@given(MENUS, ACTS, st.integers(0, OPTIONS_MAX - 1))
def test_a_key_always_leads_through(drawn: Drawn, acts: list[tuple[str, str]], place: int):
    """At every step that asks, however it was reached: an option's key gives what it leads to, 0 a person."""
    menu = parsed(*drawn)
    chosen = menu.options[place % len(menu.options)]
    step = menu.start()
    for digits, said in acts:
        if step.ends is not None:
            break
        assert menu.advance(step.state, chosen.key, "").ends == chosen.ending
        assert menu.advance(step.state, "0", "").ends == Ending(Ends.PERSON, menu.otherwise)
        step = menu.advance(step.state, digits, said)


@given(MENUS)
def test_what_can_be_pressed_can_be_said(drawn: Drawn):
    """In each language, an option's own name spoken leads where its key does."""
    menu = parsed(*drawn)
    for language in menu.languages:
        state = menu.start(language).state
        for one in menu.options:
            assert menu.advance(state, "", one.name[language]).ends == one.ending


@given(LANGUAGES.flatmap(lambda languages: st.tuples(documents(languages), st.just(languages))))
def test_any_document_is_judged(drawn: Drawn):
    """It becomes a menu, or each fault is told by a place of the document; nothing else."""
    try:
        menu = parse(*drawn, TOPICS)
    except InvalidRequest as refused:
        told = refused.facts["fields"]
    else:
        told = {}
        assert menu.start().asks is not None
    assert all(place.startswith("document.") and codes for place, codes in told.items())


def spoken(step: Step, menu: Menu) -> None:
    assert step.says
    for one in step.says:
        assert one.language in menu.languages
        assert one.text.strip()
        assert seconds(one.text) <= PART_SECONDS_MAX + 2  # what is around an option's name is ours


@given(st.lists(NAMES, min_size=1, max_size=8), NAMES, LANGUAGES)
def test_a_campaign_without_a_menu_has_one_of_its_topics(
    names: list[dict[str, str]], name: dict[str, str], languages: tuple[str, ...]
):
    """The first topics in the citizens' order, the rest behind a person; every text in every language."""
    document = default(name, languages, list(zip(TOPICS, names, strict=False)))
    menu = menu_of(document, languages)

    assert len(menu.options) == min(len(names), OPTIONS_MAX)
    topics = [one.ending.topic_id for one in menu.options if one.ending.kind is Ends.TOPIC]
    assert topics == TOPICS[: len(topics)]
    assert menu.options[-1].ending.kind is (Ends.TOPIC if len(names) <= OPTIONS_MAX else Ends.PERSON)
    assert all(menu.start(language).says for language in languages)


def test_the_default_can_be_published_as_it_is():
    """For topics with names of their own."""
    names = [{"fr": one, "en": one} for one in ("Revenus", "Crédits", "Paiements", "Comptes", "Amendes", "Cadastre")]
    document = default({"fr": "Impôts"}, BOTH, list(zip(TOPICS, names, strict=False)))

    menu = parse(document, BOTH, TOPICS)

    assert menu.options[-1].name == {"fr": "Autre demande", "en": "Anything else"}
    assert menu.start().says[0].text == "Bonjour, Impôts."


def test_an_option_of_a_person_needs_no_topic():
    """Nor does a voicemail: both go by what is set for everything else."""
    document = taxes() | {"options": [option("1", "person", None, "Un renseigner", "Ask anything")]}

    assert parse(document, BOTH, TOPICS).options[0].ending == Ending(Ends.PERSON, PAYMENT)


def test_a_menu_outlives_its_topics_and_its_languages():
    """A topic retired since is not offered, one behind everything else is replaced; a language learnt since waits until
    all is told in it, and a caller who was told one that is no more goes on in the first."""
    document = without_retired(taxes(), [CREDIT])

    menu = menu_of(document, told_languages(changed("no English"), BOTH))

    assert [one.key for one in menu.options] == ["2", "4", "5"]
    assert menu.otherwise == CREDIT
    assert menu.languages == ("fr",)
    assert menu.advance({"language": "en", "misses": 0, "turns": 1}, "", "deux").ends == Ending(Ends.TOPIC, CREDIT)
