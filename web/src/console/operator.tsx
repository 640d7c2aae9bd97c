// The operator's page: the platform's health, and no citizen's data.
import { t } from "../i18n/console";

export function Operator() {
  return (
    <div class="board">
      <header class="board-head">
        <h1>{t("operator")}</h1>
        <p class="muted">{t("operator_body")}</p>
      </header>
      <ul class="cards">
        <li class="card">
          <a href="/readyz">{t("operator_ready")}</a>
          <code>/readyz</code>
        </li>
        <li class="card">
          <a href="/metrics">{t("operator_metrics")}</a>
          <code>/metrics</code>
        </li>
      </ul>
    </div>
  );
}
