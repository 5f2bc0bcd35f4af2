// What this browser keeps of a lot: the key, and a bid that was signed but not yet answered. IndexedDB holds a CryptoKey
// without ever showing its bytes.
import type { Signed } from './bid';
import type { LotKey } from './key';

export interface Kept { key?: LotKey; waiting?: Signed; counter?: number; mine?: string[] }

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open('landglass-room', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('lots');
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error ?? new Error('no store'));
  });
}

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((done, fail) => {
      const transaction = db.transaction('lots', mode, { durability: 'strict' });
      const request = work(transaction.objectStore('lots'));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = transaction.onabort = () => fail(transaction.error ?? new Error('store'));
    });
  } finally {
    db.close();
  }
}

export const recall = async (place: string): Promise<Kept> => ((await run('readonly', (store) => store.get(place))) as Kept | undefined) ?? {};
export const keep = async (place: string, kept: Kept): Promise<void> => { await run('readwrite', (store) => store.put(kept, place)); };
