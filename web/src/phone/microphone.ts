// Whether this page may listen: asked before somebody is on the line, not while they wait.

/** Ask for the microphone and give it back at once; false when it is refused, or there is none. */
export async function mayListen(): Promise<boolean> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    return true;
  } catch {
    return false;
  }
}
