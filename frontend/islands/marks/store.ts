// Keeps the outbox on the device, one record per person and sheet, so that a closed tab or an empty battery loses nothing.
import type { OutboxData } from "./outbox";

const DATABASE = "sen-marks";
const TABLE = "outbox";

/** Read what waits for this sheet; nothing when the browser keeps nothing (private window). */
export async function load(key: string): Promise<OutboxData | null> {
  try {
    return ((await run("readonly", (table) => table.get(key))) as OutboxData | undefined) ?? null;
  } catch {
    return null;
  }
}

/** Write what waits; an empty outbox leaves no record. Returns whether it is safely kept. */
export async function save(key: string, data: OutboxData): Promise<boolean> {
  const isEmpty = !data.pending.length && !data.attempt;
  try {
    await run("readwrite", (table) => (isEmpty ? table.delete(key) : table.put(data, key)));
    return true;
  } catch {
    return false;
  }
}

function run(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(TABLE, mode);
      const request = act(transaction.objectStore(TABLE));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onerror = transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}
