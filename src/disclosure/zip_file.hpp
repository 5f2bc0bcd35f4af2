#pragma once
// Files in one zip. The same files give the same bytes: no entry says when it was made.

#include <string>
#include <vector>

#include "base/result.hpp"

struct zip_error;

namespace landglass::disclosure {

struct ZipEntry {
  std::string name;
  const std::string* bytes;
  bool packed;  // text is deflated; a PDF already is
};

base::Result<std::string> zip_of(const std::vector<ZipEntry>& entries);

// What libzip says went wrong; it is let go of.
std::string said_by(zip_error& error);

}  // namespace landglass::disclosure
