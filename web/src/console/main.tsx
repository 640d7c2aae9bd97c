// The console: agents, supervisors, administrations, operators. /console and below.
import { render } from "preact";
import "../ui/tokens.css";
import "../ui/base.css";
import "./shell.css";
import "./rail.css";
import "./ticket.css";
import "./board.css";
import "./plan.css";
import "./simulation.css";
import "./call.css";
import { App } from "./app";
import { resume } from "./session";
import { speakOfFaults } from "./validity";

speakOfFaults(document);
render(<App />, document.getElementById("page")!);
void resume();
