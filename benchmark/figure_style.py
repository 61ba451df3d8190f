"""How figures look, by day and by night: colours, letters and lines of an SVG file that stands by itself."""

STYLE = """
svg{--ink:#1c2430;--soft:#5b6675;--line:#dde2e9;--page:#fbfbfa;--card:#fff;
--c0:#2456a6;--c1:#b3541e;--c2:#1f7a4d;--c3:#7a3fa0;--c4:#a61c3c;--c5:#0f7c8a;--c6:#8a6d0f;--c7:#5b6675}
@media(prefers-color-scheme:dark){svg{--ink:#e6e9ee;--soft:#9aa5b4;--line:#2e3744;--page:#12161c;--card:#181d25;
--c0:#8ab4f8;--c1:#f0a070;--c2:#6fcf97;--c3:#cfa3ee;--c4:#ff8095;--c5:#6fd3e0;--c6:#e0c25a;--c7:#9aa5b4}}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.title{font-size:17px;font-weight:600}.name{font-size:13px;font-weight:600}.soft{fill:var(--soft)}.small{font-size:11px}
.page{fill:var(--page)}.card{fill:var(--card);stroke:var(--line)}.grid{stroke:var(--line)}
.curve{fill:none;stroke-width:2}.band{fill-opacity:.1}.bar{stroke-width:1.6}
"""
