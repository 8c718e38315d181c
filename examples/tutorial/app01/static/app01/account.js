// Stage 5 in the page: fetches a token, shows what it opens, and gives it back.

const login = document.getElementById("login");
const answers = document.getElementById("answers");

// Kept in memory only: what a script can read from storage, a stolen script can read too.
let token = "";

login.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await ask("POST", login.dataset.url, new FormData(login));
  token = answer.token ?? "";
});

document.getElementById("me").addEventListener("click", (event) => ask("GET", event.target.dataset.url));

document.getElementById("logout").addEventListener("click", async (event) => {
  await ask("POST", event.target.dataset.url);
  token = "";
});

/** Asks the API, shows status and body as one line, and returns the body. */
async function ask(method, url, body) {
  const headers = token === "" ? {} : { Authorization: `Token ${token}` };
  const response = await fetch(url, { method, headers, body });
  const answer = await response.json();
  const shown = answer.token ? { ...answer, token: "…" } : answer;
  answers.append(`${method} ${url} ${response.status} ${JSON.stringify(shown)}\n`);
  return answer;
}
