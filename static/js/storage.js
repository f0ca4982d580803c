// What this browser keeps. One may be told to keep nothing.
const storage = storageOrNone();

function storageOrNone() {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem() {}, removeItem() {} };
  }
}
