// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Feed} from "./Feed.sol";
import {IPriceFeed} from "./IPriceFeed.sol";
import {PerpMarkets} from "./PerpMarkets.sol";
import {PerpVenue} from "./PerpVenue.sol";

/// @title Successions
/// @notice The way out of a market whose feed is dead. The venue's owner names another feed; while a notice runs everybody
///         can read its price, deposit, and object; then anybody puts it in the dead one's place. Nothing is opened in that
///         market any more: what is open there is closed, liquidated and handed back at the other feed's price. A feed that
///         lives is replaced by nobody.
/// @dev A venue makes its own, in its constructor. The venue is asked for the market, and so the dead feed, with all the gas
///      that a feed is given: one that lives does not look dead for want of it, and one that burns it leaves enough.
contract Successions {
    /// @notice A feed that is to take a dead one's place.
    /// @param heartbeatSeconds Age up to which its price is fresh: by its own rhythm, whatever the dead one's was.
    /// @param namedAt When the notice began.
    struct Successor {
        IPriceFeed feed;
        uint32 heartbeatSeconds;
        uint64 namedAt;
    }

    /// @notice A feed is dead whose last answer is further from now than this, and than its heartbeat.
    uint256 public constant DEAD_SECONDS = 3 days;
    /// @notice A successor is named for so long before it may succeed.
    uint256 public constant NOTICE_SECONDS = 3 days;
    /// @notice It may succeed for so long after its notice.
    uint256 public constant TERM_SECONDS = 3 days;

    /// @notice With less left a feed is not asked whether it is dead: one that lives has to have all that a feed is given.
    uint256 public constant LEAST_GAS = 1_000_000;

    /// @notice Whose markets these are.
    PerpVenue public immutable venue;

    mapping(bytes32 market => Successor) private _successors;

    /// @notice A notice began, or began anew.
    /// @param price What the successor says as it is named, USD × 1e18.
    event SuccessorNamed(bytes32 indexed market, address indexed feed, uint32 heartbeatSeconds, uint256 price);
    /// @notice Nobody is named any more.
    event SuccessorWithdrawn(bytes32 indexed market, address indexed feed);

    /// @notice The caller is not the venue's owner.
    error NotOwner(address caller);
    /// @notice The caller is neither the venue's owner nor its guardian, and the feed is dead.
    error NotGuardian(address caller);
    /// @notice The market's feed is not dead, or has answered since its successor was named: at this time.
    error FeedAlive(bytes32 market, uint256 updatedAt);
    /// @notice The field named lies outside its bounds.
    error OutOfBounds(string field);
    /// @notice The successor has no price, or none that is fresh.
    error NoFreshPrice(IPriceFeed feed, uint256 price, uint256 updatedAt);
    /// @notice Nobody is named in this market.
    error NoSuccessor(bytes32 market);
    /// @notice The notice runs, or ended too long ago: the successor may succeed from the one time until before the other.
    error NotDue(uint256 notBefore, uint256 before);
    /// @notice Too little for a feed that lives to say so. What is not used is not paid for.
    error TooLittleGas(uint256 left, uint256 least);

    /// @param venue_ The caller, as far as it is made.
    constructor(PerpVenue venue_) {
        venue = venue_;
    }

    /// @notice Names the feed that is to take the place of one that is dead now. It must have a fresh price: it can be read
    ///         for as long as the notice runs. Who names again begins the notice anew.
    /// @param heartbeatSeconds Above 0, and no longer than what is dead.
    function nameSuccessor(bytes32 market, IPriceFeed feed, uint32 heartbeatSeconds) external {
        if (msg.sender != venue.owner()) revert NotOwner(msg.sender);
        _requireDead(market, block.timestamp);
        if (heartbeatSeconds == 0 || heartbeatSeconds > DEAD_SECONDS) revert OutOfBounds("heartbeatSeconds");
        (, uint256 price) = _read(feed, heartbeatSeconds);
        _successors[market] = Successor(feed, heartbeatSeconds, uint64(block.timestamp));
        emit SuccessorNamed(market, address(feed), heartbeatSeconds, price);
    }

    /// @notice Takes a successor back. Owner and guardian may at any time; anybody may once the market's feed has come back.
    function withdrawSuccessor(bytes32 market) external {
        Successor memory successor = _named(market);
        (bool dead,) = _ask(market, successor.namedAt);
        if (dead && msg.sender != venue.owner() && msg.sender != venue.guardian()) revert NotGuardian(msg.sender);
        delete _successors[market];
        emit SuccessorWithdrawn(market, address(successor.feed));
    }

    /// @notice Puts the successor in the place of a feed that is still dead, once its notice is over. Anyone may call it.
    function succeed(bytes32 market) external {
        Successor memory successor = _named(market);
        _requireDead(market, successor.namedAt);
        uint256 notBefore = successor.namedAt + NOTICE_SECONDS;
        uint256 before = notBefore + TERM_SECONDS;
        if (block.timestamp < notBefore || block.timestamp >= before) revert NotDue(notBefore, before);
        (uint256 scale,) = _read(successor.feed, successor.heartbeatSeconds);
        delete _successors[market];
        venue.succeed(market, successor.feed, successor.heartbeatSeconds, scale);
    }

    /// @notice Who is named to succeed a market's feed, all zero if nobody is.
    function successorOf(bytes32 market) external view returns (Successor memory) {
        return _successors[market];
    }

    /// @notice Whether a market's feed is dead: it has no price, or its last one is of a time too long ago or too far ahead.
    function isDead(bytes32 market) external view returns (bool dead) {
        (dead,) = _ask(market, block.timestamp);
    }

    function _requireDead(bytes32 market, uint256 since) private view {
        if (gasleft() < LEAST_GAS) revert TooLittleGas(gasleft(), LEAST_GAS);
        (bool dead, uint256 updatedAt) = _ask(market, since);
        if (!dead) revert FeedAlive(market, updatedAt);
    }

    /// @param since One that has answered since then is not dead, however long ago it was. Of a feed that has no price now
    ///        it is not known.
    function _ask(bytes32 market, uint256 since) private view returns (bool dead, uint256 updatedAt) {
        PerpMarkets.MarketView memory m = venue.marketOf(market);
        updatedAt = m.priceUpdatedAt;
        if (m.price == 0) return (true, updatedAt);
        bool ahead = updatedAt > block.timestamp;
        uint256 away = ahead ? updatedAt - block.timestamp : block.timestamp - updatedAt;
        dead = away > DEAD_SECONDS && away > m.heartbeatSeconds && (ahead || updatedAt < since);
    }

    function _named(bytes32 market) private view returns (Successor memory successor) {
        successor = _successors[market];
        if (successor.namedAt == 0) revert NoSuccessor(market);
    }

    /// @return scale What brings the feed's answers to USD × 1e18.
    /// @return price Fresh, and above 0.
    function _read(IPriceFeed feed, uint256 heartbeatSeconds) private view returns (uint256 scale, uint256 price) {
        uint8 decimals = feed.decimals();
        if (decimals > 18) revert OutOfBounds("decimals");
        scale = 10 ** (18 - decimals);
        uint256 updatedAt;
        (price, updatedAt) = Feed.peek(feed, scale);
        // What has no price is of no time.
        if (!Feed.isFresh(updatedAt, heartbeatSeconds)) revert NoFreshPrice(feed, price, updatedAt);
    }
}
