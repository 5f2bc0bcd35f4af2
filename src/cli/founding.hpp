#pragma once
// `found`: a house begins with the office of the platform and its three administrators, out of a file that the county fills
// in (packs/cn-land/worlds/founding.yaml). All others are enrolled by these, in the pages. Decision 0184.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/config.hpp"

namespace landglass::cli {

struct Founded {
  struct Person {
    std::string actor;  // "person/zhang"
    std::string key;    // "zhang"
    std::string post;   // what the post is called
    bool operator==(const Person&) const = default;
  };
  std::string origin;
  std::uint64_t leaves = 0;
  std::vector<Person> people;  // in the order of the file
};

// Into a folder in which nothing stands, whole or not at all. Refuses STORE-07; FOUND-01 a file that does not read; FOUND-02
// a step by another than `genesis`, or on what the file did not make; FOUND-03 where system, security and audit
// administration do not lie with three people; and what the institutions refuse, each with file and line.
base::Result<Founded> found_house(const HouseOptions& options, const std::string& file);

Command found_command();

}  // namespace landglass::cli
