"""What the vectors of a prompt mean: the words they lie near, a sentence that they are made to read as, and where else they work."""

import streamlit as st

from tutor.methods import WaywardPT
from tutor.studies.embedding_presets import RECIPE
from tutor.studies.language_presets import SUMMARY, tuned
from tutor.ui import address, catalog, comparison, embeddings, facts, meaning, posteriors, prompting, two_tokens, wayward
from tutor.ui.frame import prose
from tutor.ui.picture import picture

st.title("Meaning: what do the vectors say?")
prose("""The vectors of a tuned prompt are no words. But every vector has words that lie **nearest** to it, and it is tempting to read them. Here you can read the tape of
any prompt, make a prompt read as **whatever you like**, and see what that says about reading prompts.""")

catalog.needs_language_model()

st.header("The tape of a prompt")
known = embeddings.prompts()
if not known:
    st.info("No prompt has been tuned yet. Tune one below, or on Priors.", icon=":material/arrow_downward:")
key = None
if known:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = address.choose("Prompt", list(known), "meaning_run", named=known.get, width=520)
        by = st.segmented_control("Nearest by", ("cosine", "distance"), default="cosine", required=True, key="meaning_by", bind="query-params",
                                  help="Cosine: the angle between vectors. Distance: Euclidean, which length decides too.")
    with catalog.one_sentence():
        picture(embeddings.tape(key, by), key="meaning_tape", link="meaning", runs=[key])
        st.caption("A row per vector, a column per filmed moment: the steps are close together at first, where most happens, and far apart later. **Bold** where the nearest word has changed, greener the nearer it is.")
        posteriors.say(embeddings.ground(), embeddings.now(key))
        with st.expander("The five nearest words of every vector"):
            st.dataframe(meaning.reading(key), hide_index=True, height="content", column_config=meaning.COLUMNS, alt="The five words nearest to every vector.")
            chance, own = meaning.usual()
            st.caption(f"Five words taken at random have a tightness of {chance:.2f}; a word and its four nearest, {own:.2f}.")
        facts.tell(reads=embeddings.said(key), nearest=embeddings.told(key).cosine)

st.header("Make it read as something else")
result = comparison.claim("waywardness")
if result:
    prose(wayward.finding(result))
    measure = st.segmented_control("Judge by", list(wayward.MEASURES), format_func=wayward.MEASURES.get, default="bleu", required=True, key="meaning_measure", bind="query-params")
    picture(wayward.drawn(result, measure), key="meaning_trade", runs=result["keys"][:6])
    st.caption(f"To be read as {wayward.sentences(result)}. From left to right the leash that ties every vector to its word gets shorter. Dotted: a prompt of as many vectors without a leash, which started on random words."
               f" Medians over {wayward.repetitions(result)} repetitions, whiskers are quartiles.{wayward.controls(result)}")
    with st.expander("What was checked, and the numbers behind it"):
        comparison.checks(result)
st.subheader("Your own sentence")
with st.container(horizontal=True, vertical_alignment="bottom"):
    text = st.text_input("It shall read as", "it is sunny in ashford every day .", key="meaning_decoy", bind="query-params", max_chars=200, width=420, help=f"At most {wayward.LONGEST} words of the made-up language; each holds one vector.")
    strength = float(st.number_input("Strength of the leash", 0.0, 10_000.0, wayward.STRENGTH, format="%g", key="meaning_strength", bind="query-params", width=180, help="Nats that a mean squared distance of one radius of the cloud of words costs."))
    steps = int(st.number_input("Steps", 10, 2000, 300, step=50, key="meaning_steps", bind="query-params", width=140))
    seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="meaning_seed", bind="query-params", width=140))
with catalog.one_sentence():
    words = wayward.decoy(text or "")
    spec = tuned(WaywardPT(words=words, strength=strength), SUMMARY, RECIPE.model_copy(update={"steps": steps}), repetitions=1, seed=seed)
    mine = prompting.own(spec, "meaning_own", "Tune a prompt that reads as this", by="distance")
    if mine:
        st.markdown(f"It reads: *{wayward.read_as(mine, words)[0]}*")
        free = wayward.loose(spec)
        beside = wayward.beside(result, free)
        if beside:
            st.markdown(wayward.worth(mine, words, beside).sentence)
        st.dataframe(wayward.compared(mine, words, beside), hide_index=True, height="content", width="content", alt="Held-out loss and BLEU of the prompt beside its controls.")
        prompting.steered(free, "meaning_free", "Tune as many vectors without a leash")
        posteriors.say(embeddings.ground(), embeddings.now(mine))

st.header("Does every vector matter, and only here?")
result = comparison.claim("prompts-belong-to-their-network")
if result:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**In its place, and out of it**")
        picture(meaning.belongs(result), key="meaning_belongs", runs=result["keys"][:6])
    with right:
        if key:
            st.markdown("**Without each vector of the prompt above**")
            with catalog.one_sentence():
                if meaning.taken_apart(key):
                    picture(meaning.importance(key), key="meaning_importance", link="meaning", runs=[key])
                else:
                    st.info("Vectors are left out of soft prompts for summaries only; choose another prompt above.", icon=":material/arrow_upward:")
    st.caption("Whoever is left out also moves those behind it by one place. Left: summaries of people whom nobody has met. Random words and shuffled orders are the controls: what any prompt does by being there.")
    with st.expander("What was checked"):
        comparison.checks(result)

st.header("What two words cannot say")
prose("""A network of coins has a language of two words, heads and tails, so here it can be **seen** what a soft prompt says that words do not. Hard prompts are words; simplex ones lie
on the line between both; real ones take any amount of each, which spans a plane; and soft ones may go anywhere.""")
with st.container(horizontal=True, vertical_alignment="bottom"):
    body = st.segmented_control("Network", list(two_tokens.BODIES), default="Transformer", required=True, key="meaning_body", bind="query-params")
    target = st.segmented_control("Tuned to", list(two_tokens.TARGETS), default=next(iter(two_tokens.TARGETS)), required=True, key="meaning_target", bind="query-params")
found = two_tokens.tunings(body, target)
if found:
    picture(two_tokens.drawn(found), key="meaning_two", link="meaning_two", runs=[spec.key() for spec in found.values()])
    prose(two_tokens.sentence(found))
    st.dataframe(two_tokens.table(found), hide_index=True, height="content", width="content", column_config=two_tokens.COLUMNS, alt="How far the vectors of each method leave the words, and the regret they reach.")
    st.caption("Distances are in steps from heads to tails, means over six vectors of the first repetition; regrets are medians over all repetitions.")
else:
    st.info("No tuning of this network is here yet: run `prompt-tutor study random-to-single --fast`.", icon=":material/hourglass_empty:")
with st.container(horizontal=True):
    catalog.link("regret", "What every method reaches", "query_stats")
    catalog.link("priors", "Where prompts start and end", "my_location")
    catalog.link("anatomy", "What makes a prefix work", "biotech")
