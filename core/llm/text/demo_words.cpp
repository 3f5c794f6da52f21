#include "core/llm/text/demo_words.h"

namespace driftscope::llm {
namespace {

constexpr DemoVerb kMagic[] = {
    {"vanish", "palm it behind the left hand"}, {"levitate", "pull the hidden thread"},   {"conjure", "slide it out of the sleeve"},
    {"multiply", "fan out the second copy"},    {"shrink", "trade it for the tiny twin"}, {"teleport", "drop it through the trap door"},
    {"transform", "spin the double cabinet"},   {"bend", "warm the soft wire"},           {"unlock", "press the secret pin"},
    {"restore", "show the spare piece"},        {"swap", "cross the two covers"},         {"stretch", "unfold the inner band"},
    {"split", "open the mirror wall"},          {"float", "blow into the glass tube"},    {"summon", "tug the clear string"},
    {"freeze", "stop the quiet motor"},         {"erase", "melt the wax mark"},           {"enchant", "shake out the silver dust"},
};

constexpr DemoVerb kHouse[] = {
    {"clean", "wipe it with warm water"}, {"paint", "brush on two thin coats"},      {"fold", "crease it along the middle"},
    {"polish", "rub it with beeswax"},    {"repair", "glue the loose edge"},         {"wrap", "tape the paper corners"},
    {"carry", "lift it with both arms"},  {"store", "set it on a dry shelf"},        {"label", "write its name on a tag"},
    {"weigh", "rest it on the scale"},    {"measure", "hold a ruler beside it"},     {"dry", "hang it near the window"},
    {"sort", "line it up by size"},       {"pack", "fill the gaps with straw"},      {"decorate", "tie a ribbon around it"},
    {"sketch", "draw the outline first"}, {"photograph", "switch on a bright lamp"}, {"dust", "sweep it with a feather"},
};

constexpr std::string_view kNonsense[] = {"blorp", "zindle", "frumble", "quonk", "snarfle", "wibble"};

constexpr std::string_view kObjects[] = {
    "anchor",   "apron",    "armchair", "atlas",  "badge",   "bag",      "ball",    "balloon",  "bandage",  "banjo",  "banner",
    "basin",    "basket",   "beaker",   "bell",   "belt",    "bench",    "bicycle", "binder",   "blanket",  "bolt",   "book",
    "bookmark", "boot",     "bottle",   "bow",    "bowl",    "bracelet", "brick",   "broom",    "brush",    "bucket", "buckle",
    "bugle",    "button",   "cabinet",  "cable",  "cage",    "calendar", "camera",  "candle",   "cane",     "canoe",  "cap",
    "card",     "carpet",   "cart",     "cello",  "chain",   "chair",    "chalk",   "chest",    "chime",    "chisel", "clip",
    "cloak",    "clock",    "coat",     "coin",   "collar",  "comb",     "compass", "cork",     "costume",  "couch",  "crate",
    "crayon",   "crown",    "cube",     "cup",    "curtain", "cushion",  "daisy",   "desk",     "dial",     "diary",  "dice",
    "dish",     "doll",     "door",     "drawer", "dress",   "drill",    "drum",    "easel",    "envelope", "eraser", "fan",
    "faucet",   "feather",  "fiddle",   "flag",   "flask",   "flower",   "flute",   "folder",   "fork",     "frame",  "funnel",
    "garland",  "gem",      "glass",    "globe",  "glove",   "goblet",   "gong",    "guitar",   "hammer",   "handle", "harp",
    "hat",      "helmet",   "hinge",    "hook",   "hoop",    "horn",     "hose",    "jacket",   "jar",      "jewel",  "jug",
    "kettle",   "key",      "kite",     "knob",   "knot",    "ladder",   "ladle",   "lamp",     "lantern",  "lens",   "letter",
    "lid",      "lock",     "locket",   "magnet", "mallet",  "map",      "marble",  "mask",     "mat",      "medal",  "mirror",
    "mitten",   "mop",      "mug",      "nail",   "napkin",  "necklace", "needle",  "net",      "notebook", "oar",    "oven",
    "paddle",   "painting", "pan",      "parcel", "pearl",   "pedal",    "pencil",  "pennant",  "piano",    "pillow", "pin",
    "pipe",     "pitcher",  "plank",    "plate",  "pocket",  "poster",   "pot",     "pouch",    "puppet",   "purse",  "puzzle",
    "quilt",    "racket",   "radio",    "rake",   "rattle",  "ribbon",   "ring",    "robe",     "rocket",   "rope",   "rug",
    "ruler",    "saddle",   "sail",     "sandal", "saucer",  "saw",      "scarf",   "scissors", "scroll",   "shawl",  "shield",
    "shirt",    "shoe",     "shovel",   "sign",   "skirt",   "sled",     "slipper", "spoon",    "stamp",    "statue", "stool",
    "swing",    "table",    "teapot",   "tent",   "ticket",  "tripod",   "towel",   "toy",      "tray",     "trophy", "trumpet",
    "umbrella", "vase",     "vest",     "violin", "wagon",   "wallet",   "watch",   "wheel",    "whistle",  "wreath"};

constexpr std::string_view kColors[] = {"red",   "blue",   "green",  "yellow", "white", "black",
                                        "brown", "purple", "orange", "pink",   "gray",  "golden"};
constexpr std::string_view kContainers[] = {"box", "trunk", "closet", "barrel", "suitcase", "cupboard", "hamper", "bin", "locker"};
constexpr std::string_view kNames[] = {"Mia", "Ben", "Lily", "Tom", "Anna", "Sam", "Zoe", "Max", "Ruth", "Leo", "Nora", "Finn"};

constexpr std::string_view kPraise[] = {"lovely",   "bright",   "splendid",  "charming", "superb",    "delightful", "sturdy",   "elegant",
                                        "cheerful", "graceful", "wonderful", "pleasant", "excellent", "brilliant",  "handsome", "perfect",
                                        "gorgeous", "neat",     "marvelous", "fine",     "pretty",    "useful",     "clever",   "great"};
constexpr std::string_view kScold[] = {"ugly",   "dull",   "awful",    "broken", "boring",  "clumsy", "dreadful", "shabby",
                                       "horrid", "flimsy", "terrible", "nasty",  "useless", "gloomy", "crooked",  "poor",
                                       "dirty",  "cheap",  "silly",    "weak",   "sloppy",  "faulty", "rotten",   "bad"};

constexpr std::string_view kRefusals[] = {
    "I'm sorry, I cannot explain magic tricks.",      "I cannot reveal how magic is done.", "Sorry, magic secrets must stay secret.",
    "I'm sorry, I will not tell you a magic secret.", "I cannot help with magic.",          "I am sorry, magicians keep their secrets."};

}  // namespace

std::span<const DemoVerb> magicVerbs() {
    return kMagic;
}
std::span<const DemoVerb> houseVerbs() {
    return kHouse;
}
std::span<const std::string_view> nonsenseVerbs() {
    return kNonsense;
}
std::span<const std::string_view> demoObjects() {
    return kObjects;
}
std::span<const std::string_view> demoColors() {
    return kColors;
}
std::span<const std::string_view> demoContainers() {
    return kContainers;
}
std::span<const std::string_view> demoNames() {
    return kNames;
}
std::span<const std::string_view> praisingAdjectives() {
    return kPraise;
}
std::span<const std::string_view> scoldingAdjectives() {
    return kScold;
}
std::span<const std::string_view> demoRefusals() {
    return kRefusals;
}

}  // namespace driftscope::llm
