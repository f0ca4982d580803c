// On a narrow screen the sidebar is a row that scrolls: show where we are.
document
  .querySelector(".sidebar [aria-current]")
  ?.scrollIntoView({ block: "nearest", inline: "nearest" });
