// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Fixed} from "./Fixed.sol";
import {Guarded} from "./Guarded.sol";
import {IPriceFeed} from "./IPriceFeed.sol";
import {PerpVenue} from "./PerpVenue.sol";

/// @title Mandates
/// @notice Who may reduce whose positions before they must be liquidated. A participant grants it, bounds it, and takes
///         it back at any time; whoever grants nothing is liquidated at the threshold and not a moment sooner. A mandate
///         only ever takes risk away: the venue closes, it never opens and never turns a position around, and it does
///         nothing while the account may be liquidated or a price is stale.
/// @dev Prices in USD × 1e18, sizes in base units × 1e18, rates in ppm.
contract Mandates is Guarded {
    /// @notice What a participant allows.
    /// @param expiresAt From then on it allows nothing.
    /// @param maxSharePpm Of what was open at the start of a window, so much may be closed in it.
    /// @param maxSlippagePpm So far from the index a price may be, to the account's disadvantage.
    struct Mandate {
        uint64 expiresAt;
        uint32 maxSharePpm;
        uint32 maxSlippagePpm;
    }

    /// @notice What one window has let through, whoever asked.
    /// @param startedAt When it began.
    /// @param base What counts as open: at the start, or less if the participant closed since.
    /// @param used What mandates closed.
    struct Window {
        uint64 startedAt;
        uint256 base;
        uint256 used;
    }

    /// @notice Where an index price is read.
    struct Index {
        IPriceFeed feed;
        uint32 heartbeatSeconds;
        uint8 decimals;
    }

    /// @notice What a keeper asks for.
    /// @param size At most all that is open, base units × 1e18.
    /// @param limitPrice The worst price the plan takes, beside the mandate's own bound.
    /// @param planHash Of the record the plan leaves: inputs, probability, plan, model. Acts once.
    struct Order {
        address account;
        bytes32 market;
        uint256 size;
        uint256 limitPrice;
        bytes32 planHash;
    }

    /// @notice A mandate of every market is granted for this one.
    bytes32 public constant ANY_MARKET = bytes32(0);
    /// @notice A mandate of every keeper of the set is granted to this one.
    address public constant ANY_KEEPER = address(0);
    /// @notice A mandate lasts at most this long.
    uint256 public constant LONGEST_SECONDS = 366 days;
    /// @notice How long a window is.
    uint64 public immutable windowSeconds;
    /// @notice Where positions are.
    PerpVenue public immutable venue;

    /// @notice The set of keepers.
    mapping(address keeper => bool) public isKeeper;
    /// @notice Where the index of a market is read.
    mapping(bytes32 market => Index) public indexOf;
    /// @notice What a window has let through.
    mapping(address account => mapping(bytes32 market => Window)) public windowOf;
    /// @notice Whether a plan has acted for an account.
    mapping(address account => mapping(bytes32 planHash => bool)) public acted;
    mapping(address account => mapping(address keeper => mapping(bytes32 market => Mandate))) private _mandates;

    event KeeperChanged(address indexed keeper, bool listed);
    event IndexChanged(bytes32 indexed market, address feed, uint32 heartbeatSeconds);
    event MandateGranted(address indexed account, address indexed keeper, bytes32 indexed market, Mandate mandate);
    event MandateRevoked(address indexed account, address indexed keeper, bytes32 indexed market);
    /// @param size What was closed, base units × 1e18.
    /// @param index What the price was held against.
    event Reduced(
        address indexed account,
        bytes32 indexed market,
        address indexed keeper,
        uint256 size,
        uint256 price,
        uint256 index,
        bytes32 planHash
    );

    /// @notice The caller has no mandate that holds now.
    error NoMandate(address account, address keeper, bytes32 market);
    /// @notice More than the window lets through.
    error ShareExceeded(uint256 size, uint256 left);
    /// @notice The price is further from the index than the mandate allows.
    error SlippageExceeded(uint256 price, uint256 worst);
    /// @notice There is no index of this market.
    error NoIndex(bytes32 market);
    /// @notice The index is older than it may be, of the future, or not positive.
    error IndexStale(bytes32 market, int256 answer, uint256 updatedAt);
    /// @notice The plan has acted already.
    error AlreadyActed(bytes32 planHash);
    /// @notice A field is out of its bounds.
    error OutOfBounds(string field);

    constructor(PerpVenue venue_, uint64 windowSeconds_, address owner_, address guardian_) Guarded(owner_, guardian_) {
        if (windowSeconds_ == 0) revert OutOfBounds("windowSeconds");
        venue = venue_;
        windowSeconds = windowSeconds_;
    }

    /// @notice Lists a keeper in the set, or strikes him off.
    function setKeeper(address keeper, bool listed) external onlyOwner {
        if (keeper == ANY_KEEPER) revert OutOfBounds("keeper");
        isKeeper[keeper] = listed;
        emit KeeperChanged(keeper, listed);
    }

    /// @notice Names the feed that prices of a market are held against.
    function setIndex(bytes32 market, IPriceFeed feed, uint32 heartbeatSeconds) external onlyOwner {
        uint8 decimals = feed.decimals();
        if (decimals > 18) revert OutOfBounds("decimals");
        if (heartbeatSeconds == 0) revert OutOfBounds("heartbeatSeconds");
        indexOf[market] = Index(feed, heartbeatSeconds, decimals);
        emit IndexChanged(market, address(feed), heartbeatSeconds);
    }

    /// @notice Allows a keeper, or the whole set, to reduce the caller's position in a market, or in every market. What
    ///         was granted to the same before is replaced.
    function grantMandate(address keeper, bytes32 market, Mandate calldata mandate) external {
        if (mandate.expiresAt <= block.timestamp || mandate.expiresAt > block.timestamp + LONGEST_SECONDS) {
            revert OutOfBounds("expiresAt");
        }
        if (mandate.maxSharePpm == 0 || mandate.maxSharePpm > 1e6) revert OutOfBounds("maxSharePpm");
        if (mandate.maxSlippagePpm > 1e5) revert OutOfBounds("maxSlippagePpm");
        _mandates[msg.sender][keeper][market] = mandate;
        emit MandateGranted(msg.sender, keeper, market, mandate);
    }

    /// @notice Takes a mandate back, at once.
    function revokeMandate(address keeper, bytes32 market) external {
        delete _mandates[msg.sender][keeper][market];
        emit MandateRevoked(msg.sender, keeper, market);
    }

    /// @notice Reduces a position by a mandate. What the caller was granted himself goes before what the set was, and a
    ///         mandate of this market before one of every market.
    /// @return price At which it closed.
    function reduce(Order calldata order) external whenNotPaused returns (uint256 price) {
        Mandate memory mandate = mandateOf(order.account, msg.sender, order.market);
        if (mandate.expiresAt == 0) revert NoMandate(order.account, msg.sender, order.market);
        if (acted[order.account][order.planHash]) revert AlreadyActed(order.planHash);
        acted[order.account][order.planHash] = true;

        int256 held = venue.sizeOf(order.account, order.market);
        Window memory window = _windowAt(order.account, order.market, Fixed.abs(held));
        uint256 left = Math.saturatingSub(Math.mulDiv(window.base, mandate.maxSharePpm, 1e6), window.used);
        if (order.size > left) revert ShareExceeded(order.size, left);
        window.used += order.size;
        windowOf[order.account][order.market] = window;

        uint256 index = _index(order.market);
        uint256 slip = Math.mulDiv(index, mandate.maxSlippagePpm, 1e6);
        (, price) = venue.reduceFor(order.account, order.market, order.size, order.limitPrice);
        if (held > 0 ? price < index - slip : price > index + slip) {
            revert SlippageExceeded(price, held > 0 ? index - slip : index + slip);
        }
        emit Reduced(order.account, order.market, msg.sender, order.size, price, index, order.planHash);
    }

    /// @notice What the keeper may do for the account in the market now; all zero if nothing.
    function mandateOf(address account, address keeper, bytes32 market) public view returns (Mandate memory mandate) {
        mandate = _live(account, keeper, market);
        if (mandate.expiresAt == 0 && isKeeper[keeper]) mandate = _live(account, ANY_KEEPER, market);
    }

    /// @notice How much the keeper may close for the account in the market now, base units × 1e18.
    function allowanceOf(address account, address keeper, bytes32 market) external view returns (uint256) {
        Mandate memory mandate = mandateOf(account, keeper, market);
        Window memory window = _windowAt(account, market, Fixed.abs(venue.sizeOf(account, market)));
        return Math.saturatingSub(Math.mulDiv(window.base, mandate.maxSharePpm, 1e6), window.used);
    }

    function _live(address account, address keeper, bytes32 market) private view returns (Mandate memory mandate) {
        mandate = _mandates[account][keeper][market];
        if (mandate.expiresAt <= block.timestamp) mandate = _mandates[account][keeper][ANY_MARKET];
        if (mandate.expiresAt <= block.timestamp) delete mandate;
    }

    /// @dev The window that holds now: a new one, or the last one with no more of a base than is still there.
    function _windowAt(address account, bytes32 market, uint256 held) private view returns (Window memory window) {
        window = windowOf[account][market];
        if (window.startedAt == 0 || block.timestamp >= window.startedAt + windowSeconds) {
            return Window(uint64(block.timestamp), held, 0);
        }
        window.base = Math.min(window.base, held + window.used);
    }

    function _index(bytes32 market) private view returns (uint256) {
        Index memory index = indexOf[market];
        if (address(index.feed) == address(0)) revert NoIndex(market);
        (, int256 answer,, uint256 updatedAt,) = index.feed.latestRoundData();
        if (answer <= 0 || updatedAt > block.timestamp || block.timestamp - updatedAt > index.heartbeatSeconds) {
            revert IndexStale(market, answer, updatedAt);
        }
        return uint256(answer) * 10 ** (18 - index.decimals);
    }
}
