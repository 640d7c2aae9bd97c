// The translator of the citizen's page.
import { en } from "./chat.en";
import { fr } from "./chat.fr";
import { translator } from "./translate";

export { fr as chatWords };
export const t = translator({ fr, en });
