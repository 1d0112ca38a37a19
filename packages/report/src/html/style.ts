import { SIZES } from './charts/svg.ts';
import { IDENTITIES } from './identity.ts';
import { themeCss } from './theme.ts';

/** The page's one style sheet. It is the same for every report, so its hash in the page's policy is too. */
export const STYLE = `${themeCss()}
${Array.from({ length: IDENTITIES }, (_, run) => `.run-${run}{--run:var(--run-${run})}`).join('')}
*{box-sizing:border-box}
html{scroll-padding-top:4.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main,.bar-inner,footer{max-width:1240px;margin-inline:auto;padding-inline:clamp(1rem,3vw,2rem)}
h1,h2,h3{line-height:1.2;text-wrap:balance;margin:0}
h1{font-size:clamp(1.75rem,4vw,2.5rem);letter-spacing:-.02em;font-weight:700}
h2{font-size:1.375rem;letter-spacing:-.01em;font-weight:680;margin-bottom:1.25rem}
h3{font-size:1rem;font-weight:650}
p{margin:0;text-wrap:pretty}
a{color:var(--accent);text-underline-offset:.2em}
code,pre,.time{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.75rem;z-index:9;background:var(--card);padding:.5rem 1rem}
.name{overflow-wrap:anywhere}
.bar-top{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--card) 92%,transparent);backdrop-filter:blur(8px);border-bottom:1px solid var(--rule)}
.bar-inner{display:flex;align-items:center;gap:.5rem 1.5rem;min-height:3.25rem}
.brand{display:flex;align-items:center;gap:.625rem;font-weight:650;min-width:0}
.brand svg{flex:none;color:var(--accent)}
.brand span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bar-top nav{display:flex;gap:.25rem;margin-left:auto;font-size:.9375rem}
.bar-top nav a{color:var(--quiet);text-decoration:none;padding:.375rem .625rem;border-radius:6px}
.bar-top nav a:hover{color:var(--ink);background:var(--sunken)}
button,select,input{font:inherit;color:inherit}
button.theme{flex:none;display:inline-flex;align-items:center;gap:.4rem;background:none;border:1px solid var(--rule);border-radius:999px;padding:.25rem .75rem;font-size:.875rem;color:var(--quiet);cursor:pointer}
button.theme:hover{color:var(--ink);border-color:var(--axis)}
[hidden]{display:none!important}
.hero{padding-block:clamp(1.75rem,5vw,3.25rem) clamp(1.25rem,3vw,2rem)}
.hero .description{color:var(--quiet);margin-top:.5rem;max-width:70ch}
.hero .verdict{font-size:clamp(1.125rem,2.2vw,1.375rem);line-height:1.45;margin-top:1.25rem;max-width:62ch}
.chips{list-style:none;display:flex;flex-wrap:wrap;gap:.375rem .5rem;margin:1.25rem 0 0;padding:0;font-size:.875rem;color:var(--quiet)}
.chips li{border:1px solid var(--rule);background:var(--card);border-radius:999px;padding:.125rem .75rem}
.chips b{color:var(--ink);font-weight:600}
.block{padding-block:clamp(1.5rem,4vw,2.5rem)}
.block+.block{border-top:1px solid var(--rule)}
.cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}
.card,.panel,.chart,.sheet{background:var(--card);border:1px solid var(--rule);border-radius:12px}
.card{padding:1.125rem 1.25rem;display:flex;flex-direction:column;gap:.625rem}
.card h3{color:var(--quiet);font-size:.9375rem;font-weight:600}
.card .headline{font-size:2rem;line-height:1.1;font-weight:680;letter-spacing:-.02em;display:flex;align-items:center;flex-wrap:wrap;gap:.25rem .75rem}
.card .headline .mark{font-size:.875rem;letter-spacing:0;font-weight:600;padding:.125rem .625rem;border-radius:999px}
.headline .mark.better{background:var(--better-tint)}.headline .mark.worse{background:var(--worse-tint)}.headline .mark.same{background:var(--sunken)}
.headline .mark:empty{display:none}
.card ul{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:.25rem .625rem;align-items:baseline;font-size:.9375rem}
.card li{display:contents}
.card li .swatch{align-self:center}
.card li .value{font-weight:600;white-space:nowrap;text-align:right}
.card ul.changes{grid-template-columns:auto minmax(0,1fr) auto auto}
.card li .delta{font-size:.875rem;white-space:nowrap;text-align:right;min-width:6.25em}
.card li .mark{display:inline-block;width:1.25em;text-align:center}
.card .about{color:var(--quiet);font-size:.8125rem;margin-top:auto}
.mark{white-space:nowrap}.mark.better{color:var(--better)}.mark.worse{color:var(--worse)}.mark.same{color:var(--quiet)}
.swatch{flex:none;display:inline-block;vertical-align:middle}
.swatch line{stroke:var(--run);stroke-width:3}
.sheet{margin-top:1.25rem;padding:.5rem 1.25rem 1rem;width:fit-content;max-width:100%}
.scroll{overflow-x:auto;max-width:100%}
.scroll.tall{max-height:38rem;overflow:auto;border:1px solid var(--rule);border-radius:12px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:right;padding:.4375rem .75rem;border-bottom:1px solid var(--rule);vertical-align:baseline;font-weight:400;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--quiet);font-size:.875rem;font-weight:600;vertical-align:bottom}
th:first-child,td.text,.decisions th,.decisions td{text-align:left}
th:first-child{padding-left:0}td:last-child,th:last-child{padding-right:0}
th small{display:block;font-weight:400;color:var(--quiet);font-size:.8125rem}
.measures{width:auto;min-width:min(100%,54rem)}
.measures thead th{padding-top:.75rem;color:var(--ink);font-size:.9375rem}
.measures thead .swatch{margin-right:.5rem}
.measures td{font-weight:600}.measures td.delta{font-weight:400;text-align:left;padding-left:0}
.measures th.delta{text-align:left;padding-left:0}
.measures .change{display:inline-block;min-width:5.5em;text-align:right;margin-right:.5rem}
.measures tbody th{color:var(--quiet)}
.charts{display:grid;gap:1.25rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,33rem),1fr))}
.chart{margin:0;padding:1.125rem 1.25rem 1rem;min-width:0;display:flex;flex-direction:column}
.chart figcaption p{color:var(--quiet);font-size:.875rem;margin-top:.25rem;max-width:68ch}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.125rem 1.25rem;margin:.625rem 0 0;padding:0;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.5rem;min-width:0}
.legend output{font-weight:600}
.drawing{margin-top:.75rem}
.drawing svg.plot{display:block;width:100%;height:auto;overflow:visible;color:var(--quiet);max-width:${SIZES.wide.width * 1.3}px}
.drawing svg.plot text{white-space:pre}
.drawing.narrow{display:none}
.cursor{stroke:var(--ink);stroke-width:1;opacity:.55}
.data{margin-top:auto;padding-top:.5rem;font-size:.875rem}
.data .scroll{margin-top:.5rem;max-height:20rem;overflow:auto}
.data table{font-size:.875rem}
.data thead th{position:sticky;top:0;background:var(--card)}
summary{cursor:pointer;color:var(--accent);width:fit-content;font-size:.875rem}
.with-table{grid-column:1/-1}
@media (min-width:1000px){.with-table{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);column-gap:2.5rem;grid-template-rows:auto auto 1fr}.with-table .data{grid-column:2;grid-row:1/span 4;margin:0;padding:0}.with-table figcaption,.with-table .legend,.with-table .drawing{grid-column:1}.with-table .data .scroll{max-height:none}}
.side-by-side{display:grid;gap:1.25rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr))}
.panel{padding:1.125rem 1.25rem .75rem;min-width:0}
.panel h3{display:flex;align-items:center;gap:.625rem;margin-bottom:.5rem}
td.bar{width:22%;min-width:4.5rem;padding-right:0}
svg.bar{display:block;width:100%;height:.5rem;background:var(--sunken);border-radius:3px}
svg.bar rect{fill:var(--run);opacity:.8}
.codes td.bar{padding-left:0;padding-right:1.25rem}
.codes thead th+th{text-align:left;padding-left:.75rem}.codes thead .swatch{margin-right:.5rem}
.block>.about{color:var(--quiet);font-size:.9375rem;margin:.25rem 0 1rem}
.block>h3{margin-top:2rem}
.filter{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin-bottom:1rem;font-size:.875rem;color:var(--quiet)}
.filter label{display:grid;gap:.25rem}
.filter input,.filter select{background:var(--card);color:var(--ink);border:1px solid var(--axis);border-radius:8px;padding:.375rem .625rem;max-width:100%;height:2.375rem}
.filter input{width:16rem}
.filter output{margin-left:auto}
.decisions{font-size:.875rem}
.decisions th:first-child,.decisions td:first-child{padding-left:1rem}
.decisions th:last-child,.decisions td:last-child{padding-right:1rem}
.decisions thead th{position:sticky;top:0;background:var(--card);z-index:1;box-shadow:0 1px var(--rule);border-bottom:0;padding-block:.625rem}
.decisions td.time{font-size:.8125rem}
.decisions td.time,.decisions .kind{color:var(--quiet)}
.decisions td.run .swatch{margin-right:.5rem}
.decisions td.reason{white-space:normal;min-width:20rem;width:60%;overflow-wrap:anywhere}
.decisions details,.decisions summary{display:inline}.decisions summary{margin-left:.375rem}
.decisions details code{display:block;white-space:pre-wrap;margin-top:.25rem;color:var(--quiet)}
.columns{display:grid;gap:1rem 3.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
.columns h3{margin:1.5rem 0 .625rem}.columns>div>h3:first-child{margin-top:0}
.columns dl{margin:0;font-size:.9375rem}
.columns dl>div{display:grid;grid-template-columns:8.5rem 1fr;gap:0 1rem;padding-block:.375rem}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
.notes{margin:0;padding-left:1.125rem;font-size:.9375rem}.notes li{margin-block:.25rem;overflow-wrap:anywhere}
.digests td{text-align:left}.digests th{text-align:left;font-weight:600}.digests{margin-top:.5rem}
.digests td:last-child,.digests th:last-child{text-align:right}
pre{background:var(--sunken);border:1px solid var(--rule);border-radius:8px;padding:.75rem 1rem;overflow:auto;max-height:26rem;margin:.625rem 0}
.columns details{margin-top:.75rem}.hashes dd{font-size:.875rem}
.columns p{font-size:.9375rem}
.empty{color:var(--quiet)}
footer{color:var(--quiet);font-size:.875rem;padding-block:.5rem 3rem}
@media (max-width:640px){
.drawing.wide{display:none}.drawing.narrow{display:block}
.bar-inner{flex-wrap:wrap;padding-block:.5rem .375rem}.bar-top nav{order:3;width:100%;margin:0 -.5rem;overflow-x:auto;font-size:.875rem;gap:0}.bar-top nav a{padding-inline:.5rem}
button.theme{margin-left:auto}html{scroll-padding-top:6.5rem}
.filter input{width:100%}.filter label{flex:1 1 9rem}.filter label:first-child{flex-basis:100%}
.columns dl>div{grid-template-columns:1fr}
.sheet{padding-inline:1rem}
th,td{padding-inline:.5rem}
.decisions thead{display:none}.decisions tbody tr{display:grid;grid-template-columns:auto 1fr auto;gap:.125rem .75rem;padding:.625rem 1rem;border-bottom:1px solid var(--rule)}
.decisions tbody td{border:0;padding:0!important;white-space:normal;overflow-wrap:anywhere}.decisions td.subject,.decisions td.reason{grid-column:1/-1;width:auto;min-width:0}
}
@media (forced-colors:active){.card,.panel,.chart,.sheet{border:1px solid}svg.bar rect{fill:CanvasText}}
@media print{
body{background:none;font-size:11pt}.bar-top{position:static;border:0}.bar-top nav,button.theme,.filter,.data,.skip{display:none!important}
.card,.panel,.chart,.sheet{break-inside:avoid}.charts,.side-by-side{grid-template-columns:1fr 1fr}.cards{grid-template-columns:repeat(3,1fr)}
.scroll.tall{max-height:none;overflow:visible;border:0}.scroll{overflow:visible}h2,h3{break-after:avoid}tr{break-inside:avoid}
.drawing.narrow{display:none}.drawing.wide{display:block}
}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;
