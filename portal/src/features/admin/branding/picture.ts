/** As long as the hub takes one, and as large as it is ever drawn on a fine screen. */
const LONGEST = 64_000;
const HEIGHT = 96;
const WIDTH = 540;

function loaded(url: string): Promise<HTMLImageElement> {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("This is no picture that a browser can show."));
    image.src = url;
  });
}

function read(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(new Error("The file could not be read."));
    reader.readAsDataURL(file);
  });
}

/** A picture as the address that holds it: drawings as they are, photographs no larger than they are shown. */
export async function pictureOf(file: File): Promise<string> {
  const whole = await read(file);
  const image = await loaded(whole);
  if (file.type === "image/svg+xml" && whole.length <= LONGEST) return whole;
  const scale = Math.min(1, HEIGHT / image.naturalHeight, WIDTH / image.naturalWidth);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const [png, webp] = [canvas.toDataURL("image/png"), canvas.toDataURL("image/webp", 0.85)];
  return png.length <= LONGEST ? png : webp;
}
