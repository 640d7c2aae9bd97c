// The citizen's page: /chat/<address>.
import { render } from "preact";
import "../ui/tokens.css";
import "../ui/base.css";
import "./chat.css";
import { App } from "./app";
import { ChatStore } from "./store";

const address = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const chat = new ChatStore(address);
render(<App chat={chat} />, document.getElementById("page")!);
void chat.open();
