// Starts the circuit and wires the buttons of the connection overlay.
import { apply, current } from "./theme.js";

apply(current());

document.addEventListener("click", (event) => {
  const action = event.target.closest?.("[data-connection]")?.dataset.connection;
  if (action === "retry") Blazor.reconnect().then((ok) => ok || location.reload(), () => {});
  if (action === "reload") location.reload();
});

Blazor.start({
  circuit: {
    // As long as the server waits (DashboardModule): a machine that computes answers late.
    configureSignalR: (builder) => builder.withServerTimeout(120000),
    reconnectionOptions: {
      maxRetries: 60,
      retryIntervalMilliseconds: (attempt, max) => (attempt >= max ? null : attempt < 5 ? 400 : 2000),
    },
  },
});
