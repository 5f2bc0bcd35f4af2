#pragma once
// A disk that joins what is written to the write-ahead log and the database: SQLite writes each page's frame in two calls,
// its head and its bytes, each right behind the one before, and moves page after page. Here they wait in memory and go to
// the disk in one call, before the sync that makes them count. Only for a store that syncs each commit: nobody reads a frame
// before SQLite has synced it and said so in the index, nor a page that was moved before that move was synced, and whatever
// else is asked of the file is asked after what waits was written.

#include <string>

namespace landglass::store {

// The name of such a disk over the disk of that name (empty: the system's).
std::string joining_disk(const std::string& under);

}  // namespace landglass::store
