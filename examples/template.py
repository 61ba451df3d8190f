"""A template to copy: viva run explainer=examples/template.py@mine (docs/explainers.md says what there is to use)."""


async def mine(laboratory, journal):  # and ask, to be given the model: answer = await ask("a question")
    firing = laboratory.exemplars("firing", 20)  # strongest first; "near_miss" and "silent" windows are there too
    if not firing:
        return None  # an abstention
    strongest = [each.words[each.values.argmax()] for each in firing]
    guess = max(strongest, key=strongest.count)
    journal.note("hypothesis", f"the word {guess!r}")
    alone, within = await laboratory.measure([guess, f"there was {guess} in it"])  # each text costs one unit query
    journal.note("result", f"{alone.peak:.1f} alone, {within.peak:.1f} in a sentence")
    if alone.peak == within.peak == 0:
        return None
    return f"the word '{guess}'"  # a text, of which lines behind "- " are claims of their own; or a Report
