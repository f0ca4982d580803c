"""What is sent as one file: small files compress badly, and each is a request."""

BUNDLES = {
    # Every page. The first one says the order of the layers.
    "bundles/page.css": [
        "css/tokens.css",
        "css/base.css",
        "css/frame.css",
        "css/navigation.css",
        "css/button.css",
        "css/form.css",
        "css/panel.css",
        "css/badge.css",
        "css/notice.css",
        "css/prose.css",
        "css/code.css",
        "css/utilities.css",
    ],
    "bundles/page.js": [
        "js/announce.js",
        "js/focus.js",
        "js/menus.js",
    ],
    # Every page of a lead.
    "bundles/lead.css": [
        "css/sidebar.css",
        "css/table.css",
    ],
    # Pages that show an item: the bench, and the lead's desk.
    "bundles/item.css": [
        "css/bench.css",
        "css/reading.css",
        "css/steps.css",
        "css/claims.css",
        "css/judging.css",
        "css/step-ratings.css",
    ],
    "bundles/item.js": [
        "js/storage.js",
        "js/reading-keys.js",
        "js/reading.js",
        "js/word-diff.js",
        "js/differences.js",
        "js/steps.js",
        "js/text-places.js",
        "js/claims.js",
        "js/claims-bar.js",
    ],
    # The bench alone.
    "bundles/bench.js": [
        "js/bench-keys.js",
        "js/bench-moves.js",
        "js/step-ratings.js",
        "js/conditions.js",
        "js/bench-timer.js",
        "js/bench-pause.js",
        "js/bench-kept.js",
        "js/bench-connection.js",
    ],
}
