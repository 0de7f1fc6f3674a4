// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Feed} from "./Feed.sol";
import {Fixed} from "./Fixed.sol";
import {Guarded} from "./Guarded.sol";
import {IPriceFeed} from "./IPriceFeed.sol";
import {LimitGuarded} from "./LimitGuarded.sol";
import {SignerSet} from "./SignerSet.sol";

/// @title PerpMarkets
/// @notice The markets of a venue: their prices, their rates, their open interest. Maintenance margin moves by signed
///         parameters, bounded and on a ramp; everything else of a market stays as it was added, until its feed is dead and
///         has a successor (Successions).
/// @dev USD and prices × 1e18, sizes in base units × 1e18, rates in ppm.
abstract contract PerpMarkets is Guarded, LimitGuarded, EIP712 {
    /// @notice A market as the owner adds it.
    /// @param market keccak256 of its symbol.
    /// @param heartbeatSeconds Age up to which a price of `feed` is fresh.
    /// @param imPpm Initial margin for whoever has no live certificate; at least a quarter above `mmPpm`.
    /// @param mmPpm Maintenance margin at the start.
    /// @param mmRampPpmPerHour How much the maintenance margin may move in an hour.
    /// @param feePpm Fee on what is opened; closing is free, so that nothing stands in its way.
    /// @param liquidationFeePpm What a liquidator gets, of the notional, if there is that much left.
    /// @param maxOpenInterest Greatest notional of all longs, and of all shorts, USD × 1e18. 0: nothing is opened.
    /// @param minNotional Least notional that an account's own trade leaves open, USD × 1e18.
    struct MarketConfig {
        bytes32 market;
        IPriceFeed feed;
        uint32 heartbeatSeconds;
        uint32 imPpm;
        uint32 mmPpm;
        uint32 mmRampPpmPerHour;
        uint32 feePpm;
        uint32 liquidationFeePpm;
        uint128 maxOpenInterest;
        uint128 minNotional;
    }

    /// @notice A new maintenance margin, signed by the limit book's signers.
    /// @param effectiveAt When the ramp towards `mmPpm` starts.
    /// @param sequence Rises strictly per market.
    /// @param epoch The limit book's: whoever changes it revokes these too, which take effect long after they are signed.
    struct MarketParams {
        bytes32 market;
        uint32 mmPpm;
        uint64 effectiveAt;
        uint64 sequence;
        uint32 epoch;
    }

    /// @notice A market as it stands.
    /// @param price Of the feed, fresh or not.
    /// @param priceUpdatedAt When the feed says it was, or the greatest uint64 if that is less.
    /// @param fresh Whether the venue would trade at it.
    /// @param mmPpm Maintenance margin on its ramp now.
    /// @param mmLiquidationPpm What liquidations go by: while a ramp rises, still the margin before it.
    /// @param mmTargetPpm Where the ramp ends, at `mmRampEndsAt`.
    /// @param longSize Of all longs. Base units × 1e18.
    /// @param longNotional Of all longs at `price`.
    struct MarketView {
        bytes32 market;
        address feed;
        uint32 heartbeatSeconds;
        uint256 price;
        uint64 priceUpdatedAt;
        bool fresh;
        uint32 imPpm;
        uint32 mmPpm;
        uint32 mmLiquidationPpm;
        uint32 mmTargetPpm;
        uint64 mmRampEndsAt;
        uint64 sequence;
        uint32 feePpm;
        uint32 liquidationFeePpm;
        uint128 maxOpenInterest;
        uint128 minNotional;
        uint256 longSize;
        uint256 shortSize;
        uint256 longNotional;
        uint256 shortNotional;
    }

    /// @dev How an account is valued: as its feeds say, fresh or not; only if all are fresh; or, where one is not, at the
    ///      best that its price may be for the account.
    enum Prices {
        Any,
        Fresh,
        Best
    }

    struct Market {
        MarketConfig config;
        uint256 priceScale;
        uint32 mmFromPpm;
        uint32 mmTargetPpm;
        uint64 rampStartsAt;
        uint64 rampEndsAt;
        uint64 sequence;
        uint256 longSize;
        uint256 shortSize;
    }

    bytes32 public constant MARKET_PARAMS_TYPEHASH =
        keccak256("MarketParams(bytes32 market,uint32 mmPpm,uint64 effectiveAt,uint64 sequence,uint32 epoch)");

    /// @notice So many markets at most: every account's margin walks over all of them.
    uint256 public constant MAX_MARKETS = 16;
    /// @notice Parameters take effect within this time of being posted.
    uint256 public constant LONGEST_NOTICE_SECONDS = 30 days;

    /// @dev A price that is out may have come to so much in a day, and to as much more in each day since.
    uint256 private constant BEST_TIMES = 5;

    bytes32[] internal _marketIds;
    mapping(bytes32 market => Market) internal _markets;

    event MarketAdded(bytes32 indexed market, MarketConfig config);
    event MarketParamsAccepted(
        bytes32 indexed market, uint32 mmFromPpm, uint32 mmTargetPpm, uint64 startsAt, uint64 endsAt, uint64 sequence
    );

    /// @notice There is no such market.
    error UnknownMarket(bytes32 market);
    /// @notice There is such a market already, or there are too many.
    error MarketNotAdded(bytes32 market);
    /// @notice The field named lies outside its bounds.
    error OutOfBounds(string field);
    /// @notice Parameters of this or a higher sequence were accepted before.
    error Stale(uint64 sequence, uint64 accepted);
    /// @notice One ramp at a time.
    error RampUnderWay(uint64 endsAt);
    /// @notice The feed's price is zero, negative or beyond what a price can be, or it does not answer.
    error PriceNotPositive(bytes32 market);
    /// @notice The feed's price is older than its heartbeat, or from the future.
    error PriceStale(bytes32 market, uint256 updatedAt, uint256 time);

    /// @notice Adds a market. What it starts with stays, but for its maintenance margin, and as long as its feed is not dead.
    function addMarket(MarketConfig calldata config) external onlyOwner {
        Market storage market = _markets[config.market];
        if (config.market == 0 || market.priceScale != 0 || _marketIds.length == MAX_MARKETS) {
            revert MarketNotAdded(config.market);
        }
        _requireMargin(config.imPpm, config.mmPpm);
        if (config.heartbeatSeconds == 0) _outOfBounds("heartbeatSeconds");
        if (config.mmRampPpmPerHour == 0) _outOfBounds("mmRampPpmPerHour");
        if (config.feePpm > 10_000) _outOfBounds("feePpm");
        if (config.liquidationFeePpm > config.mmPpm) _outOfBounds("liquidationFeePpm");
        if (config.minNotional > config.maxOpenInterest) _outOfBounds("minNotional");
        uint8 decimals = config.feed.decimals();
        if (decimals > 18) _outOfBounds("decimals");

        market.config = config;
        market.priceScale = 10 ** (18 - decimals);
        market.mmFromPpm = config.mmPpm;
        market.mmTargetPpm = config.mmPpm;
        _marketIds.push(config.market);
        emit MarketAdded(config.market, config);
    }

    /// @notice Takes a new maintenance margin. Anyone may post it.
    /// @param params What to ramp to, and from when.
    /// @param signatures By the limit book's signers, ordered by signer address.
    function acceptMarketParams(MarketParams calldata params, bytes[] calldata signatures) external whenNotPaused {
        Market storage market = _market(params.market);
        _requireMargin(market.config.imPpm, params.mmPpm);
        if (params.effectiveAt < block.timestamp || params.effectiveAt > block.timestamp + LONGEST_NOTICE_SECONDS) {
            _outOfBounds("effectiveAt");
        }
        if (params.sequence <= market.sequence) revert Stale(params.sequence, market.sequence);
        if (block.timestamp < market.rampEndsAt) revert RampUnderWay(market.rampEndsAt);
        uint32 epoch = limitBook.epoch();
        if (params.epoch != epoch) revert SignerSet.WrongEpoch(params.epoch, epoch);
        limitBook.requireSigned(digestOf(params), signatures);

        uint32 from = market.mmTargetPpm;
        uint256 step = from < params.mmPpm ? params.mmPpm - from : from - params.mmPpm;
        uint64 duration = uint64(Math.ceilDiv(step * 1 hours, market.config.mmRampPpmPerHour));
        market.mmFromPpm = from;
        market.mmTargetPpm = params.mmPpm;
        market.rampStartsAt = params.effectiveAt;
        market.rampEndsAt = params.effectiveAt + duration;
        market.sequence = params.sequence;
        emit MarketParamsAccepted(
            params.market, from, params.mmPpm, params.effectiveAt, market.rampEndsAt, params.sequence
        );
    }

    /// @notice What a signer signs for a new maintenance margin.
    function digestOf(MarketParams calldata params) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(MARKET_PARAMS_TYPEHASH, params)));
    }

    /// @notice Every market's id, in the order they were added.
    function markets() external view returns (bytes32[] memory) {
        return _marketIds;
    }

    /// @notice A market as it stands.
    function marketOf(bytes32 market) public view returns (MarketView memory) {
        Market storage m = _market(market);
        (uint256 price, uint256 updatedAt) = Feed.peek(m.config.feed, m.priceScale);
        (uint32 ramped, uint32 liquidation) = _mmPpm(m);
        return MarketView({
            market: market,
            feed: address(m.config.feed),
            heartbeatSeconds: m.config.heartbeatSeconds,
            price: price,
            priceUpdatedAt: uint64(Math.min(updatedAt, type(uint64).max)),
            fresh: price != 0 && Feed.isFresh(updatedAt, m.config.heartbeatSeconds),
            imPpm: m.config.imPpm,
            mmPpm: ramped,
            mmLiquidationPpm: liquidation,
            mmTargetPpm: m.mmTargetPpm,
            mmRampEndsAt: m.rampEndsAt,
            sequence: m.sequence,
            feePpm: m.config.feePpm,
            liquidationFeePpm: m.config.liquidationFeePpm,
            maxOpenInterest: m.config.maxOpenInterest,
            minNotional: m.config.minNotional,
            longSize: m.longSize,
            shortSize: m.shortSize,
            longNotional: Fixed.notional(m.longSize, price),
            shortNotional: Fixed.notional(m.shortSize, price)
        });
    }

    function _market(bytes32 market) internal view returns (Market storage m) {
        m = _markets[market];
        if (m.priceScale == 0) revert UnknownMarket(market);
    }

    /// @inheritdoc EIP712
    function eip712Domain()
        public
        view
        override
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        return (hex"0f", "Plimsoll PerpVenue", "1", block.chainid, address(this), 0, new uint256[](0));
    }

    /// @dev One place that builds the error: every `revert` of a string costs the contract room.
    function _outOfBounds(string memory field) internal pure {
        revert OutOfBounds(field);
    }

    function _requireMargin(uint32 imPpm, uint32 mmPpm) internal pure {
        if (mmPpm == 0 || imPpm > 1e6 || uint256(imPpm) * 4 < uint256(mmPpm) * 5) _outOfBounds("mmPpm");
    }

    /// @dev On the ramp now, rounded up; and what liquidations go by, which a rising ramp does not move until it ends.
    function _mmPpm(Market storage m) internal view returns (uint32 ramped, uint32 liquidation) {
        (uint32 from, uint32 target) = (m.mmFromPpm, m.mmTargetPpm);
        if (block.timestamp >= m.rampEndsAt) return (target, target);
        if (block.timestamp <= m.rampStartsAt) return (from, from);
        uint256 elapsed = block.timestamp - m.rampStartsAt;
        uint256 duration = m.rampEndsAt - m.rampStartsAt;
        if (target > from) {
            return (from + uint32(Math.mulDiv(target - from, elapsed, duration, Math.Rounding.Ceil)), from);
        }
        ramped = from - uint32(Math.mulDiv(from - target, elapsed, duration));
        return (ramped, ramped);
    }

    /// @dev Fit to trade at.
    function _price(bytes32 market) internal view returns (uint256) {
        return _price(market, Prices.Fresh, true);
    }

    /// @param long Whose best case it is: what is out is worth to a long the most that it may be, and costs a short nothing.
    ///        docs/method/limit.md, eq. (17).
    function _price(bytes32 market, Prices prices, bool long) internal view returns (uint256 price) {
        Market storage m = _market(market);
        uint256 updatedAt;
        (price, updatedAt) = Feed.peek(m.config.feed, m.priceScale);
        if (prices == Prices.Any) return price;
        if (price == 0) revert PriceNotPositive(market);
        if (Feed.isFresh(updatedAt, m.config.heartbeatSeconds)) return price;
        if (prices == Prices.Fresh) revert PriceStale(market, updatedAt, block.timestamp);
        if (!long) return 0;
        return price * BEST_TIMES * (1 + Math.saturatingSub(block.timestamp, updatedAt) / 1 days);
    }
}
