// What the parts of the page share. All text goes into the page as text, never as HTML.

/** @type {{ text: Record<string, string>, hasSqlite: boolean, hasOriginals: boolean }} */
export const data = JSON.parse(document.getElementById('data').textContent);

/** @param {string} id @returns {any} */
export const byId = id => document.getElementById(id);

/**
 * @param {string} key of the texts
 * @param {Record<string, unknown>} [values] for `{name}` in the text
 */
export function text(key, values = {}) {
  return data.text[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {string} path @param {RequestInit} [init] */
async function call(path, init) {
  const response = await fetch(path, { headers: { accept: 'application/json', 'content-type': 'application/json' }, ...init });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}

/** @param {string} path */
export const get = path => call(path);

/** @param {string} path @param {object} [body] @param {RequestInit} [init] */
export const post = (path, body = {}, init = {}) => call(path, { method: 'POST', body: JSON.stringify(body), ...init });

/** @param {Error} err */
export const failure = err => text('failed', { reason: err.message });

/**
 * A button that waits while it works, and says what went wrong.
 * @param {string} id
 * @param {() => Promise<void>} work
 * @param {{ busy?: string, news?: string }} [options] `busy`: the text's key; `news`: the id of the element for errors
 */
export function onClick(id, work, { busy, news } = {}) {
  const button = byId(id);
  button.addEventListener('click', async () => {
    const label = button.textContent;
    button.disabled = true;
    if (busy) button.textContent = text(busy);
    try {
      await work();
    } catch (err) {
      const message = failure(err);
      if (news) byId(news).textContent = message;
      else button.after(element('span', { class: 'bad', role: 'alert' }, message));
    } finally {
      button.disabled = false;
      button.textContent = label;
    }
  });
}
