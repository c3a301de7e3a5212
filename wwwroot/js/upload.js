// Sends a form to the HTTP API with progress; the page hears of it a few times a second.
const running = new WeakMap();

export function start(form, url, page) {
  const data = new FormData();
  for (const field of form.querySelectorAll("[name]")) {
    if (field.type === "file") {
      for (const file of field.files) data.append(field.name, file, file.name);
    } else if (field.value !== "") {
      data.append(field.name, field.value);
    }
  }
  const request = new XMLHttpRequest();
  running.set(form, request);
  let told = 0;
  request.upload.onprogress = (event) => {
    const now = performance.now();
    if (now - told < 150 && event.loaded < event.total) return;
    told = now;
    page.invokeMethodAsync("OnProgress", event.loaded, event.total);
  };
  const finish = (status) => {
    running.delete(form);
    page.invokeMethodAsync("OnFinished", status, (request.responseText || "").slice(0, 16000));
  };
  request.onload = () => {
    if (request.status === 200 || request.status === 201) for (const field of form.querySelectorAll("input[type=file]")) field.value = "";
    finish(request.status);
  };
  request.onerror = () => finish(0);
  request.onabort = () => finish(-1);
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  request.send(data);
}

export function abort(form) {
  running.get(form)?.abort();
}
