"use strict";
(() => {
  const $ = (id) => document.getElementById(id);

  // ---- Elements. Text is always a text node: nothing that came is ever read as markup. ----
  function h(tag, props, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(props ?? {})) {
      if (value === undefined || value === null || value === false) continue;
      if (key === "class") node.className = value;
      else if (key === "at") { node.style.left = value[0] + "%"; node.style.width = value[1] + "%"; }
      else if (key === "indent") node.style.paddingLeft = value + "rem";
      else node.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children.flat(Infinity)) {
      if (child !== undefined && child !== null && child !== false && child !== "") node.append(child);
    }
    return node;
  }

  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  // A time that no calendar knows is no time.
  const date = (seconds) => seconds > 0 && seconds < 8.64e12 ? new Date(seconds * 1000) : undefined;
  const time = (seconds) => date(seconds)?.toLocaleTimeString([], { hour12: false }) ?? "";
  const clock = (seconds) => h("time", { datetime: date(seconds)?.toISOString() }, time(seconds));
  const number = (value) => Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : "";
  function duration(ms) {
    if (!Number.isFinite(ms)) return "";
    if (ms < 1) return `${Math.round(ms * 1000)} µs`;
    if (ms < 100) return `${ms.toFixed(1)} ms`;
    if (ms < 1000) return `${ms.toFixed(0)} ms`;
    return `${(ms / 1000).toFixed(2)} s`;
  }

  const SECRET = /\[REDACTED[^\]]*\]|\[Filtered\]|\*\*\*/;
  const shown = (value) => typeof value === "string" ? value : JSON.stringify(value);
  function pairs(map, only = () => true) {
    const entries = Object.entries(map ?? {}).filter(([key]) => only(key));
    if (!entries.length) return null;
    return h("dl", { class: "pairs" }, entries.map(([key, value]) => {
      const text = shown(value);
      return [h("dt", {}, key), h("dd", { class: SECRET.test(text) && "redacted" }, text)];
    }));
  }
  const titled = (title, content) => !content ? null : h("div", {}, h("h3", {}, title), content);
  const outcomes = (map) => Object.entries(map).map(([outcome, count], at) => {
    const tone = { error: "bad", panic: "bad", missed: "bad", timeout: "bad", retry: "warn", cancelled: "warn", ok: "good" }[outcome];
    return [at ? ", " : "", h("span", { class: tone }, `${count} ${outcome}`)];
  });
  function table(caption, heads, rows) {
    const cell = (tag, content, at) => h(tag, { class: heads[at].startsWith("#") && "number", scope: tag === "th" && "col" }, content);
    return h("div", { class: "plain" }, h("table", {},
      h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, heads.map((head, at) => cell("th", head.replace("#", ""), at)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((content, at) => cell("td", content, at)))))));
  }

  // ---- What is open stays open while the page is rebuilt. ----
  const open = new Map();
  function details(key, byDefault, props, ...children) {
    const node = h("details", { ...props, "data-key": key, open: open.get(key) ?? byDefault }, ...children);
    node.addEventListener("toggle", () => open.set(key, node.open));
    return node;
  }

  // ---- Traces ----
  // A job that waits for its next attempt would press all work into a corner: times in which nothing runs are shortened.
  function scale(rows) {
    const spans = rows.map((row) => [row.offset, row.offset + row.duration]).sort((a, b) => a[0] - b[0]);
    const busy = [];
    for (const [start, end] of spans) {
      const last = busy.at(-1);
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else busy.push({ start, end });
    }
    const work = busy.reduce((sum, { start, end }) => sum + end - start, 0);
    let place = 0, idleSince = 0, shortened = false;
    for (const part of busy) {
      const idle = part.start - idleSince;
      shortened ||= idle > work / 20;
      place += Math.min(idle, work / 20);
      part.place = place;
      place += part.end - part.start;
      idleSince = part.end;
    }
    const share = (ms) => {
      const part = busy.findLast((part) => part.start <= ms);
      return part && place > 0 ? Math.min(1, (part.place + Math.min(ms, part.end) - part.start) / place) * 100 : 0;
    };
    return { share, shortened };
  }

  function waterfall(trace) {
    const { share, shortened } = scale(trace.rows);
    const rows = trace.rows.map((row, at) => {
      const from = share(row.offset), to = share(row.offset + row.duration);
      const left = Math.min(from, 99.6);
      const marks = [
        row.errors > 0 && [" ", h("span", { class: "chip bad" }, counted(row.errors, "error"))],
        row.failed && row.status && [" ", h("span", { class: "chip bad" }, row.status)],
        row.data?.slow === true && [" ", h("span", { class: "chip warn" }, "slow")],
      ];
      const name = [row.name || row.op, h("span", { class: "marks" }, marks)];
      const data = pairs(row.data);
      const indent = Math.min(row.depth, 12) * 0.9;
      return h("tr", { class: [row.failed && "failed", row.transaction && "transaction"].filter(Boolean).join(" ") || undefined },
        h("td", { class: "op", title: row.op }, row.op),
        h("td", { class: "name", indent },
          data ? details(`${trace.trace_id}/${at}`, false, {}, h("summary", { title: row.name }, name), data)
               : h("span", { title: row.name }, name)),
        h("td", { class: "where" }, h("div", { class: "track" }, h("div", { class: "fill", at: [left, Math.max(to - left, 0)] })),
          h("span", { class: "hidden" }, `begins after ${duration(row.offset)}`)),
        h("td", { class: "time number" }, duration(row.duration)));
    });
    const head = [["op", "Operation"], ["name", "Name"], ["where", "When"], ["time number", "Took"]];
    return h("div", { class: "scroll" },
      h("table", { class: "waterfall" },
        h("caption", { class: shortened ? "" : "hidden" }, "Spans of the trace, parents before their children."
          + (shortened ? " Times in which nothing ran are shortened." : "")),
        h("thead", {}, h("tr", {}, head.map(([name, text]) => h("th", { class: name, scope: "col" }, text)))),
        h("tbody", {}, rows)));
  }

  function trace(trace, telling) {
    const root = trace.rows[0] ?? { name: "(empty)", op: "" };
    const failed = trace.rows.filter((row) => row.transaction && row.failed);
    const errors = trace.rows.reduce((sum, row) => sum + row.errors, 0);
    const aside = [counted(trace.rows.length, "span"), trace.transactions > 1 && counted(trace.transactions, "transaction"),
      duration(trace.duration), time(trace.start)].filter(Boolean).join(" · ");
    return details(trace.trace_id, telling, { class: "card", id: `trace-${trace.trace_id}` },
      h("summary", {},
        h("span", { class: "title" }, h("strong", {}, root.name || root.op), " ", h("span", { class: "soft" }, root.op),
          failed.length > 0 && [" ", h("span", { class: "chip bad" },
            root.failed ? root.status : `${counted(failed.length, "transaction")} failed`)],
          errors > 0 && [" ", h("span", { class: "chip bad" }, counted(errors, "error"))]),
        h("span", { class: "aside" }, aside)),
      h("div", { class: "body" }, waterfall(trace), h("p", { class: "soft mono" }, `trace ${trace.trace_id}`)));
  }

  // ---- Errors ----
  function frames(list) {
    if (!list.length) return null;
    return h("ol", { class: "frames" }, list.map((frame) => h("li", {},
      h("code", {}, frame.function), " ",
      h("span", { class: "place mono" }, [frame.file, frame.line].filter(Boolean).join(":")),
      pairs(frame.variables))));
  }

  function crumbs(list) {
    if (!list.length) return null;
    return h("ol", { class: "lines" }, list.slice(-30).map((crumb) => h("li", {},
      clock(crumb.timestamp), h("span", { class: "soft" }, crumb.category),
      h("span", {}, crumb.message, pairs(crumb.data)))));
  }

  function error(group, key, first) {
    const tone = ["error", "fatal"].includes(group.level) ? "bad" : group.level === "warning" ? "warn" : "soft";
    const seen = group.seen[0] === group.seen[1] ? time(group.seen[1]) : `${time(group.seen[0])} to ${time(group.seen[1])}`;
    return details(key, first, { class: "card" },
      h("summary", {},
        h("span", { class: "title" }, h("strong", { class: tone }, group.kind), " ",
          h("span", { class: `chip ${tone}` }, group.level), " ",
          group.category && h("span", { class: "chip" }, group.category)),
        h("span", { class: "aside" }, `${counted(group.count, "event")} · ${seen}`),
        h("span", { class: "says" }, group.value)),
      h("div", { class: "body" },
        titled("Because of", group.causes.length && h("ol", {}, group.causes.map((cause) => h("li", {}, cause)))),
        titled("Where", frames(group.frames)),
        h("div", { class: "columns" },
          Object.entries(group.contexts).map(([name, fields]) => titled(name, pairs(fields))),
          titled("Tags", pairs(group.tags)),
          titled("User", pairs(group.user))),
        titled("Before it happened", crumbs(group.breadcrumbs)),
        titled("In", group.transactions.length && h("p", {}, group.transactions.join(", "))),
        group.trace_id && h("p", { class: "soft mono" }, h("a", { href: `#trace-${group.trace_id}` }, `trace ${group.trace_id}`))));
  }

  // ---- The sections ----
  const TONES = { error: "bad", fatal: "bad", warn: "warn", warning: "warn" };
  function sections(view) {
    const { report } = view;
    const losses = report.losses;
    const lost = [
      ...losses.discarded.map((loss) => [`${loss.category} discarded by the client`, loss.reason, loss.quantity]),
      ...Object.entries(losses.refused).map(([why, count]) => ["request", why, count]),
      ...(losses.unreadable ? [["item", "cannot be read", losses.unreadable]] : []),
    ];
    const events = report.errors.reduce((sum, group) => sum + group.count, 0);
    const redacted = report.redactions.reduce((sum, place) => sum + place.count, 0);
    const lostCount = lost.reduce((sum, line) => sum + line[2], 0);
    return [
      { id: "errors", title: "Errors", count: events, bad: events > 0,
        said: events ? `${counted(events, "event")} in ${counted(report.errors.length, "group")}` : "none",
        cards: report.errors.map((group, at) => {
          const key = `error/${group.kind}/${group.category}/${group.frames[0]?.function}/${group.frames.length ? "" : group.value}`;
          return [key, group, () => error(group, key, at === 0)];
        }) },
      { id: "traces", title: "Traces", count: report.traces.length + view.more_traces,
        said: view.more_traces ? `the newest and those of errors, ${report.traces.length} of ${report.traces.length + view.more_traces}` : "",
        cards: report.traces.toReversed().map((one) => [one.trace_id, one, () => trace(one, one.trace_id === view.telling)]) },
      { id: "transactions", title: "Transactions", count: report.transactions.length, said: "by name",
        table: report.transactions.length && (() => table("Transactions by name", ["Operation", "Name", "#Count", "#Failed", "#p50", "#p95"],
          report.transactions.map((one) => [h("span", { class: "soft" }, one.op), one.name, String(one.count),
            h("span", { class: one.failed ? "bad" : "soft" }, String(one.failed)), duration(one.p50), duration(one.p95)]))) },
      { id: "tasks", title: "Tasks", count: report.tasks.length, said: "background work by name",
        table: report.tasks.length && (() => table("Tasks", ["Task", "Queue", "Outcomes", "#Waited"],
          report.tasks.map((task) => [task.name, task.queue ?? "", outcomes(task.outcomes), task.waited === null ? "" : duration(task.waited)]))) },
      { id: "check-ins", title: "Check-ins", count: report.monitors.length, said: "monitors",
        table: report.monitors.length && (() => table("Monitors", ["Monitor", "Schedule", "Runs", "#Longest"],
          report.monitors.map((monitor) => [monitor.slug, monitor.schedule ?? "", outcomes(monitor.runs),
            monitor.longest === null ? "" : duration(monitor.longest)]))) },
      { id: "logs", title: "Logs", count: report.logs.length + view.more_logs,
        said: view.more_logs ? `the newest ${report.logs.length}` : "",
        table: report.logs.length && (() => h("ol", { class: "plain lines" }, report.logs.toReversed().map((log) => h("li", {},
          clock(log.timestamp), h("span", { class: TONES[log.level] ?? "soft" }, log.level),
          h("span", {}, log.body, pairs(log.attributes)))))) },
      { id: "metrics", title: "Metrics", count: report.metrics.length, said: "by name",
        table: report.metrics.length && (() => table("Metrics", ["Name", "Kind", "#Values", "#Sum", "#Smallest", "#Greatest", "Unit"],
          report.metrics.map((metric) => [metric.name, h("span", { class: "soft" }, metric.kind), String(metric.count),
            number(metric.sum), number(metric.min), number(metric.max), metric.unit ?? ""]))) },
      { id: "redacted", title: "Redacted", count: redacted,
        said: redacted ? `${counted(redacted, "value")} in ${counted(report.redactions.length, "place")}` : "nothing",
        table: report.redactions.length && (() => table("Where placeholders stand", ["Item", "Place", "#Values"],
          report.redactions.map((one) => [h("span", { class: "soft" }, one.item), h("code", {}, one.place), String(one.count)]))) },
      { id: "lost", title: "Lost", count: lostCount, bad: lostCount > 0, said: lostCount ? "" : "nothing that is known of",
        table: lost.length && (() => table("Losses", ["What", "Why", "#Count"],
          lost.map(([what, why, count]) => [what, h("span", { class: "bad" }, why), String(count)]))) },
    ];
  }

  // ---- Rebuilding only what changed, so that focus, selection and place stay ----
  const built = new Map();
  function once(key, data, build) {
    const json = JSON.stringify(data);
    const known = built.get(key);
    if (known && known.json === json) return known.node;
    const node = build();
    if (known?.node.contains(document.activeElement)) queueMicrotask(() => (node.querySelector("summary") ?? node).focus?.());
    built.set(key, { json, node });
    return node;
  }
  function fill(parent, nodes) {
    nodes.forEach((node, at) => { if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null); });
    while (parent.children.length > nodes.length) parent.lastElementChild.remove();
  }

  function draw(view) {
    const list = sections(view);
    const empty = view.seen === 0;
    $("hello").hidden = !empty;
    $("dsn").textContent = `${location.protocol}//watchpost@${location.host}/1`;
    $("more").hidden = view.more_items === 0;
    $("more").textContent = `Of the newest items; ${view.more_items} older ones are not told of here.`;
    $("spotlight").textContent = `${location.protocol}//${location.host}/stream`;
    fill($("nav"), empty ? [] : list.filter((one) => one.count > 0 || one.id === "lost").map((one) =>
      once(`nav/${one.id}`, [one.count, one.bad], () => h("li", { class: one.bad && "bad" },
        h("a", { href: `#${one.id}` }, one.title, " ", h("span", { class: "count" }, String(one.count)))))));
    fill($("sections"), empty ? [] : list.filter((one) => one.count > 0 || ["errors", "redacted", "lost"].includes(one.id)).map((one) => {
      const node = once(`section/${one.id}`, 0, () => h("section", { id: one.id, "aria-labelledby": `${one.id}-title` },
        h("h2", { id: `${one.id}-title` }, one.title, h("small", {})), h("div", { class: "content" })));
      node.querySelector("h2 small").textContent = one.said;
      const content = one.cards
        ? one.cards.map(([key, data, build]) => once(`${one.id}/${key}`, data, build))
        : one.table ? [once(`table/${one.id}`, view.report[{ "check-ins": "monitors", redacted: "redactions", lost: "losses" }[one.id] ?? one.id], one.table)] : [];
      fill(node.querySelector(".content"), content);
      return node;
    }));
    filter();
  }

  // ---- Filter and pause ----
  function filter() {
    const wanted = $("find").value.trim().toLowerCase();
    for (const node of document.querySelectorAll(".card, .plain tbody tr, ol.plain > li")) {
      node.hidden = wanted !== "" && !node.textContent.toLowerCase().includes(wanted);
    }
  }
  $("find").addEventListener("input", filter);

  let paused = false;
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    say(paused ? "paused" : "live", paused ? "paused" : "live");
  });
  function say(state, text) {
    $("state").dataset.state = state;
    if ($("state-text").textContent !== text) $("state-text").textContent = text;
  }

  // A link to a trace opens it.
  function follow() {
    const target = location.hash.startsWith("#trace-") && $(location.hash.slice(1));
    if (target) { target.open = true; target.scrollIntoView(); }
  }
  addEventListener("hashchange", follow);

  // ---- Following what comes ----
  let seen = "", took = 0;
  async function look() {
    if (!paused) {
      const begun = performance.now();
      try {
        const answer = await fetch(`data.json${seen === "" ? "" : `?seen=${seen}`}`);
        if (answer.status === 200) {
          const view = await answer.json();
          draw(view);
          if (seen === "") follow();
          seen = view.seen;
        } else if (answer.status !== 204) {
          throw new Error(String(answer.status));
        }
        if (!paused) say("live", "live");
      } catch {
        say("gone", "the receiver has ended");
      }
      took = performance.now() - begun;
    }
    // Much to look at is looked at less often: what shows must not hold up what receives.
    setTimeout(look, Math.max(document.hidden ? 3000 : 1000, took * 4));
  }
  look();
})();
