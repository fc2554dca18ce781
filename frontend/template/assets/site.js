// Tells whether the creator is live, plays the stream where the browser can by itself, and sends the contact form.
// Every text is the page's own, so that this file is the same for every creator and language.

const LOOK_EVERY_MS = 30_000;
const PATIENCE_MS = 10_000;

function stateOf(live) {
  if (live.live === null) return 'unknown';
  if (!live.live) return 'offline';
  if (live.interrupted) return 'interrupted';
  return live.playback_url ? 'live' : 'members';
}

function watch(section) {
  const player = section.querySelector('.player');
  const poster = section.querySelector('.poster');
  const state = section.querySelector('.state');
  const title = section.querySelector('.title');
  const plays = player.canPlayType('application/vnd.apple.mpegurl') !== '';
  let timer;

  function show(found, live) {
    const texts = section.dataset;
    const said = { live: texts.textLive, interrupted: texts.textInterrupted, members: texts.textMembers, offline: texts.textOffline, unknown: texts.textUnknown }[found];
    const text = found === 'live' && !plays ? `${said} ${texts.textUnplayable}` : said;
    // A live region that is written to is read out, even where nothing is new.
    if (state.textContent !== text) state.textContent = text;
    title.textContent = live?.title ?? '';
    title.hidden = !title.textContent;
    section.dataset.state = found;
    if (found === 'live' && plays) {
      if (player.src !== live.playback_url) player.src = live.playback_url;
      player.hidden = false;
      poster.hidden = true;
    } else if (found !== 'interrupted' && found !== 'unknown') {
      player.removeAttribute('src');
      player.load();
      player.hidden = true;
      poster.hidden = false;
    }
  }

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const answer = await fetch(`${section.dataset.api}/live`, { credentials: 'omit', signal: AbortSignal.timeout(PATIENCE_MS) });
      const live = answer.ok ? await answer.json() : null;
      show(live ? stateOf(live) : 'unknown', live);
    } catch {
      show('unknown', null);
    }
    timer = setTimeout(look, LOOK_EVERY_MS);
  }

  document.addEventListener('visibilitychange', look);
  look();
}

function mail(form) {
  const answer = form.querySelector('.answer');
  const button = form.querySelector('button');
  let key = crypto.randomUUID();

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const texts = form.dataset;
    button.disabled = true;
    answer.textContent = texts.textSending;
    try {
      const sent = await fetch(`${texts.api}/contact`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
        credentials: 'omit',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (sent.ok) form.reset();
      answer.textContent = sent.ok ? texts.textSent : { 422: texts.textRefused, 429: texts.textMany }[sent.status] ?? texts.textFailed;
      // What was answered is over; only what was lost on the way is sent again as the same message.
      if (sent.status < 500) key = crypto.randomUUID();
    } catch {
      answer.textContent = texts.textFailed;
    }
    button.disabled = false;
  });
  form.hidden = false;
}

document.querySelectorAll('.live').forEach(watch);
document.querySelectorAll('form.contact').forEach(mail);
