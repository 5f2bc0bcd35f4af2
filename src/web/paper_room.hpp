#pragma once
// Templates and press of a running house. Opened when the first paper is asked for: the fonts take some 20 ms to read.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "disclosure/pdf.hpp"
#include "disclosure/template.hpp"

namespace landglass::web {

class PaperRoom {
 public:
  PaperRoom(std::string templates_folder, std::string font_folder)
      : templates_folder_(std::move(templates_folder)), font_folder_(std::move(font_folder)) {}

  base::Result<const disclosure::Templates*> templates() {
    const std::scoped_lock lock(mutex_);
    if (!templates_) {
      LG_TRY(templates_, disclosure::Templates::load(templates_folder_));
    }
    return &*templates_;
  }
  base::Result<std::string> print(const disclosure::Document& document) {
    return with_press([&](const disclosure::Press& press) { return press.pdf(document); });
  }
  // A press serves one thread at a time, so each that prints has one: as many are kept as ever printed at once.
  template <class Work>
  base::Result<std::string> with_press(Work work) {
    std::unique_ptr<disclosure::Press> press;
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        press = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!press) {
      LG_TRY(auto opened, disclosure::Press::open(font_folder_));
      press = std::make_unique<disclosure::Press>(std::move(opened));
    }
    auto made = work(std::as_const(*press));
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(press));
    return made;
  }

 private:
  std::string templates_folder_, font_folder_;
  std::mutex mutex_;
  std::optional<disclosure::Templates> templates_;
  std::vector<std::unique_ptr<disclosure::Press>> idle_;
};

}  // namespace landglass::web
