#include "disclosure/zip_file.hpp"

#include <zip.h>

namespace landglass::disclosure {
namespace {

base::Result<std::string> read_all(zip_source_t* source) {
  if (zip_source_open(source) < 0) return base::fail("zip: the archive cannot be read back");
  std::string out;
  std::string buffer(1 << 16, '\0');
  for (;;) {
    const auto size = zip_source_read(source, buffer.data(), buffer.size());
    if (size < 0) return base::fail("zip: the archive cannot be read back");
    if (size == 0) break;
    out.append(buffer, 0, static_cast<std::size_t>(size));
  }
  zip_source_close(source);
  return out;
}

}  // namespace

std::string said_by(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

base::Result<std::string> zip_of(const std::vector<ZipEntry>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (memory == nullptr) return base::fail("zip: " + said_by(error));
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, &error);
  if (archive == nullptr) {
    zip_source_free(memory);
    return base::fail("zip: " + said_by(error));
  }
  zip_source_keep(memory);
  const auto give_up = [&]() -> base::Failure {
    const std::string why = zip_strerror(archive);
    zip_discard(archive);
    zip_source_free(memory);
    return base::fail("zip: " + why);
  };
  for (const ZipEntry& entry : entries) {
    zip_source_t* source = zip_source_buffer(archive, entry.bytes->data(), entry.bytes->size(), 0);
    if (source == nullptr) return give_up();
    const auto at = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
      zip_source_free(source);
      return give_up();
    }
    const auto index = static_cast<zip_uint64_t>(at);
    // 1980-01-01 00:00, the first that a zip can say: its hours have no zone, and the catalogue has the true times.
    if (zip_file_set_dostime(archive, index, 0, (1 << 5) | 1, 0) < 0) return give_up();
    if (zip_set_file_compression(archive, index, entry.packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 9) < 0) return give_up();
  }
  if (zip_close(archive) < 0) return give_up();
  auto out = read_all(memory);
  zip_source_free(memory);
  return out;
}

}  // namespace landglass::disclosure
