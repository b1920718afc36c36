/** The style sheet of the report: no fonts, images or rules from elsewhere. */
export const styleSheet = `
:root {
	color-scheme: light dark;
	--paper: #fff; --ink: #1b1d21; --quiet: #5a616c; --rule: #d9dce1; --panel: #f5f6f8; --link: #1f5a96;
	--attribution: #2f6fa8; --prompting: #b0571b; --chance: #9c1f1f;
	--mark: #ffe083; --mark-ink: #1b1d21; --for: 230 126 0; --against: 40 105 200; --warn: #8a3b00;
	--c0: #1f5a96; --c1: #b0571b; --c2: #177a5b; --c3: #9c3587; --c4: #7a6400; --c5: #5b4bb5; --c6: #b3262f; --c7: #4d5561;
}
@media (prefers-color-scheme: dark) {
	:root {
		--paper: #14161a; --ink: #e6e8eb; --quiet: #a4abb6; --rule: #363b44; --panel: #1c1f25; --link: #8fc1f5;
		--attribution: #6aa9e0; --prompting: #e2925a; --chance: #ff9d9d;
		--mark: #6a5200; --mark-ink: #fff4d1; --for: 240 150 40; --against: 110 165 255; --warn: #f0b080;
		--c0: #7cb8f0; --c1: #eb9a62; --c2: #5cc9a3; --c3: #e08fd0; --c4: #d6bf5a; --c5: #aea2f5; --c6: #f58a90; --c7: #b6bdc8;
	}
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
	font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; overflow-wrap: break-word; }
a { color: var(--link); }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem; background: var(--paper); }
header { border-bottom: 2px solid var(--ink); padding-bottom: 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
section:first-child h2 { margin-top: 1rem; border: 0; }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { max-width: 46rem; margin: .5rem 0; } .cards + p { margin-top: 1.5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; margin: .5rem 0 0; padding: 0; }
small { font-size: .8125rem; color: var(--quiet); }
code, pre { font: .8125rem/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
pre { background: var(--panel); padding: .75rem; overflow-x: auto; white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; }
article { background: var(--panel); border-radius: 6px; padding: .25rem 1rem .5rem; }
article h4 { margin-top: .5rem; }
.note { color: var(--warn); }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9375rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
caption span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 2.5rem); }
th, td { padding: .35rem .6rem; vertical-align: top; text-align: right; font-variant-numeric: tabular-nums; }
td { white-space: nowrap; } td small.note { white-space: normal; min-width: 9rem; }
th[scope=row], th:first-child, .name, .listing :is(td, th) { text-align: left; }
.figures { font-size: .875rem; } .figures :is(td, th) { padding-inline: .35rem; } .figures :is(small, i) { font-size: .8125rem; }
.listing th[scope=row] { white-space: nowrap; max-width: none; } .listing td:last-child { white-space: normal; min-width: 9rem; } .listing td.verdict { min-width: 20rem; }
th[scope=row] { font-weight: 500; position: sticky; left: 0; background: var(--paper); min-width: 8.5rem; max-width: 13rem; }
thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom; font-size: .8125rem; }
thead th[scope=colgroup] { text-align: center; border-left: 1px solid var(--rule); }
th.group { text-align: left; font-size: .8125rem; font-weight: 600; color: var(--quiet); padding-top: .9rem; }
tbody tr { border-bottom: 1px solid var(--rule); }
td > small, th > small, figcaption > small { display: block; }
td i { font-style: normal; font-size: .875rem; }
td.muted, td.muted * { color: var(--quiet); font-weight: 400; }
.reference th[scope=row] { font-style: italic; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); column-gap: 2rem; margin: 1rem 0; }
figure { margin: 0 0 1rem; max-width: 34rem; display: grid; grid-row: span 2; grid-template-rows: subgrid; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
details { margin: .5rem 0; }
summary { cursor: pointer; padding: .25rem 0; }
summary:focus-visible, .scroll:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
svg.figure { width: 100%; height: auto; display: block; font-size: 11px; fill: var(--ink); overflow: visible; }
svg .grid { stroke: var(--rule); fill: none; } svg .zero { stroke: var(--quiet); }
svg .tick { text-anchor: middle; fill: var(--quiet); }
svg .label, svg .value { text-anchor: end; } svg .value { font-variant-numeric: tabular-nums; }
svg .group { font-weight: 600; fill: var(--quiet); }
svg .bar { stroke-width: 1; }
svg .solid { fill: var(--attribution); stroke: var(--attribution); fill-opacity: .8; }
svg .light { fill: var(--prompting); stroke: var(--prompting); fill-opacity: .35; }
svg .outline { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
svg .dashed { fill: none; stroke: var(--quiet); stroke-dasharray: 3 2; }
svg.key { width: 26px; height: 14px; vertical-align: -2px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .5rem 0; padding: 0; font-size: .875rem; }
svg .whisker { stroke: var(--ink); fill: none; }
svg .halo { stroke: var(--paper); stroke-width: 5; } svg .chance { stroke: var(--chance); stroke-width: 2; }
svg .band { fill: currentColor; fill-opacity: .1; stroke: none; }
svg .line, svg .marker { stroke: currentColor; stroke-width: 1.6; fill: none; }
svg .marker { fill: var(--paper); } svg .leader { stroke: var(--rule); fill: none; }
${Array.from({ length: 8 }, (_, i) => `.series-${i} { color: var(--c${i}); }`).join(' ')}
.unread svg :is(.line, .marker, .whisker, .chance) { stroke: var(--quiet); } .unread svg text { fill: var(--quiet); }
mark, .for1, .for2, .for3, .against1, .against2, .against3 { border-radius: 2px; color: inherit; padding: 0 1px; }
mark { background: var(--mark); color: var(--mark-ink); font-weight: 700; text-decoration: underline 2px; text-underline-offset: 2px; }
mark::before { content: ' [chosen] '; position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
.for1 { background: rgb(var(--for) / .15); } .for2 { background: rgb(var(--for) / .3); } .for3 { background: rgb(var(--for) / .5); }
.against1 { background: rgb(var(--against) / .12); border-bottom: 2px dotted currentColor; }
.against2 { background: rgb(var(--against) / .25); border-bottom: 2px dotted currentColor; }
.against3 { background: rgb(var(--against) / .4); border-bottom: 2px dotted currentColor; }
mark.for1, mark.for2, mark.for3, mark.against1, mark.against2, mark.against3 { color: var(--ink); }
.example { border: 1px solid var(--rule); border-radius: 6px; padding: .25rem .75rem; }
.rationales { width: 100%; }
.rationales caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
.rationales th { text-align: left; }
.rationales th[scope=row] { width: 9rem; }
.rationales td { white-space: normal; text-align: left; }
.rationales p { margin: 0 0 .25rem; max-width: none; }
.rationales .outcome { width: 15rem; font-size: .875rem; }
.outcome ul { list-style: none; margin: 0; padding: 0; }
.outcome small { display: block; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .875rem; }
@media (max-width: 40rem) {
	body { padding: .5rem .75rem 3rem; }
	th, td { padding: .3rem .4rem; }
	th[scope=row] { min-width: 6.5rem; max-width: 8rem; }
	dl { grid-template-columns: 1fr; } dt { margin-top: .5rem; }
	.rationales, .rationales tbody, .rationales tr, .rationales td, .rationales th { display: block; text-align: left; max-width: none; }
	.rationales thead { display: none; }
	.rationales th[scope=row] { position: static; padding-bottom: 0; width: auto; }
	.figures { font-size: .875rem; } .figures :is(td, th) { padding-inline: .35rem; } .figures :is(small, i) { font-size: .8125rem; }
.listing th[scope=row] { white-space: normal; }
}
@media print {
	:root { color-scheme: light; }
	body { max-width: none; padding: 0; font-size: 10pt; }
	nav, .skip { display: none; }
	.scroll { overflow: visible; } table { font-size: 8pt; }
	.figures { font-size: 6.5pt; } .figures :is(small, i, th, .group) { font-size: 6pt; } .figures :is(td, th) { padding-inline: .15rem; }
	.figures th[scope=row] { min-width: 0; }
	tr, figure, article { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
	mark, [class^=for], [class^=against], svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
	details::details-content { content-visibility: visible; block-size: auto; }
}
`;
