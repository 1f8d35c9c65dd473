/// How pages look.
enum PageStyle {
  static let sheet = """
    :root { color-scheme: light dark; \(PlotStyle.variables) }
    @media (prefers-color-scheme: dark) { :root { \(PlotStyle.darkVariables) } }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
    @media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
    body { margin: 0 auto; padding: 0 clamp(16px, 4vw, 48px) 64px; max-width: 1300px; background: var(--paper);
      color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Liberation Sans",
      Arial, sans-serif; }
    header { padding: clamp(28px, 6vw, 64px) 0 8px; }
    h1 { margin: 0; font-size: clamp(26px, 4.4vw, 40px); line-height: 1.15; letter-spacing: -.015em; }
    h2 { margin: 56px 0 12px; padding-top: 20px; border-top: 1px solid var(--rule); font-size: 24px;
      line-height: 1.25; letter-spacing: -.01em; }
    h3 { margin: 36px 0 8px; font-size: 18px; line-height: 1.3; }
    p, ul { max-width: 72ch; margin: 10px 0; }
    a { color: var(--accent); }
    .subtitle { margin-top: 10px; color: var(--soft); font-size: 18px; }
    nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-top: 20px; font-size: 15px; }
    nav a { text-decoration: none; padding: 4px 0; }
    nav a:hover { text-decoration: underline; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
    dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 14px 28px;
      margin: 24px 0; padding: 18px 20px; background: var(--panel); border-radius: 10px; }
    dt { color: var(--soft); font-size: 13px; }
    dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
    .remark { padding: 10px 16px; border-left: 3px solid var(--rule); color: var(--soft); }
    .notes { margin: 10px 0 0; color: var(--soft); font-size: 13.5px; line-height: 1.5; max-width: 96ch; }
    .table { margin: 28px 0 0; overflow-x: auto; }
    table { border-collapse: collapse; font-size: 15px; line-height: 1.35; }
    caption { padding: 0 0 10px; text-align: left; caption-side: top; color: var(--soft); }
    caption b, figcaption b { color: var(--ink); }
    th, td { padding: 8px 10px; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    .left { text-align: left; }
    thead th { color: var(--soft); font-weight: 600; font-size: 13.5px; vertical-align: bottom;
      border-bottom: 1px solid var(--soft); }
    thead th.group { text-align: center; border-bottom: 1px solid var(--rule); color: var(--ink); }
    tbody tr { border-bottom: 1px solid var(--rule); }
    tbody th { font-weight: 500; vertical-align: top; }
    thead th:first-child, tbody th { position: sticky; left: 0; background: var(--paper); padding-left: 0; }
    thead tr + tr th:first-child { position: static; padding-left: 10px; }
    tbody tr:hover td, tbody tr:hover th { background: var(--panel); }
    td small, th small { color: var(--soft); font-size: 12.5px; font-weight: 400; }
    .better { color: var(--good); }
    .worse { color: var(--bad); }
    .faint { color: var(--soft); }
    figure { margin: 32px 0 0; }
    figcaption { margin-bottom: 12px; max-width: 96ch; color: var(--soft); font-size: 15px; }
    .panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 20px; }
    .panel { max-width: 440px; }
    .panel svg { display: block; width: 100%; height: auto; overflow: visible; }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 12px; padding: 0; list-style: none;
      font-size: 14px; max-width: none; }
    .legend li { display: flex; align-items: center; gap: 7px; }
    .key { width: 30px; height: 14px; flex: none; }
    footer { margin-top: 64px; padding-top: 16px; border-top: 1px solid var(--rule); color: var(--soft);
      font-size: 13.5px; }
    @media (max-width: 560px) {
      body { font-size: 15px; }
      table { font-size: 14px; }
      caption { font-size: 14px; position: sticky; left: 0; max-width: calc(100vw - 32px); white-space: normal; }
      th, td { padding: 7px 9px; }
      tbody th { white-space: normal; min-width: 110px; max-width: 140px; }
      td small { display: block; }
    }
    @media print { body { max-width: none; } .table { overflow: visible; } tr, figure { break-inside: avoid; } }
    \(PlotStyle.rules)
    """
}
