// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {Guarded} from "./Guarded.sol";
import {IPriceFeed} from "./IPriceFeed.sol";
import {LimitBook} from "./LimitBook.sol";
import {LimitGuarded} from "./LimitGuarded.sol";

/// @title PerpVenue
/// @notice A small reference venue for linear perpetuals: trades execute at the oracle price against a pool that pays
///         winners and takes what losers pay. New risk is admitted by personal limits; anybody may liquidate an
///         account whose equity is below its maintenance margin, and nobody one whose is not.
/// @dev USD and prices × 1e18, sizes in base units × 1e18 (positive long, negative short), rates in ppm, token amounts
///      in the token's own units. The collateral token counts one dollar. Values are rounded against the account.
contract PerpVenue is Guarded, LimitGuarded, EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @notice A market as the owner adds it.
    /// @param market keccak256 of its symbol.
    /// @param heartbeatSeconds Age up to which a price of `feed` is fresh.
    /// @param imPpm Initial margin for whoever has no live certificate; at least a quarter above `mmPpm`.
    /// @param mmPpm Maintenance margin at the start.
    /// @param mmRampPpmPerHour How much the maintenance margin may move in an hour.
    /// @param feePpm Fee on what is opened; closing is free, so that nothing stands in its way.
    /// @param liquidationFeePpm What a liquidator gets, of the notional, if there is that much left.
    /// @param maxOpenInterest Greatest notional of all longs, and of all shorts, USD × 1e18.
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
    }

    /// @notice A new maintenance margin, signed by the limit book's signers.
    /// @param effectiveAt When the ramp towards `mmPpm` starts.
    /// @param sequence Rises strictly per market.
    struct MarketParams {
        bytes32 market;
        uint32 mmPpm;
        uint64 effectiveAt;
        uint64 sequence;
    }

    /// @notice A market as it stands.
    /// @param price Of the feed, fresh or not.
    /// @param priceUpdatedAt When the feed says it was.
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
        uint256 longSize;
        uint256 shortSize;
        uint256 longNotional;
        uint256 shortNotional;
    }

    /// @notice A position as it stands.
    /// @param entryPrice Average price of what is open.
    /// @param unrealised Profit, or loss if negative, at the feed's price.
    /// @param imPpm Initial margin that holds for this account now.
    struct PositionView {
        bytes32 market;
        int256 size;
        uint256 entryPrice;
        uint256 price;
        uint256 notional;
        int256 unrealised;
        uint32 imPpm;
        uint32 mmPpm;
        uint32 mmLiquidationPpm;
    }

    /// @notice An account as it stands. USD × 1e18.
    /// @param collateral At this venue.
    /// @param unsettledLoss Losses and fees that the collateral here did not cover.
    /// @param unpaidGain Profit that the pool could not pay yet.
    /// @param credit By the limit book.
    /// @param equity Credit, collateral, losses and gains: what maintenance margin is held against.
    /// @param raiseEquity Collateral less losses; gains and credit count 0. What a raise without a certificate may use.
    /// @param im Initial margin of all positions.
    /// @param mm Maintenance margin of all positions, by what liquidations go by.
    /// @param mmRamped Maintenance margin on its ramp: below it, the account is on call.
    struct AccountView {
        address account;
        uint256 collateral;
        uint256 unsettledLoss;
        uint256 unpaidGain;
        uint256 credit;
        int256 equity;
        int256 raiseEquity;
        uint256 im;
        uint256 mm;
        uint256 mmRamped;
        PositionView[] positions;
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

    /// @dev `cost` is what the open size was bought for, negative for shorts, so that profit is value less cost.
    struct Position {
        int256 size;
        int256 cost;
    }

    /// @dev In the token's own units. At most one of loss and gain is not zero.
    struct Balance {
        uint256 collateral;
        uint256 unsettledLoss;
        uint256 unpaidGain;
    }

    bytes32 public constant MARKET_PARAMS_TYPEHASH =
        keccak256("MarketParams(bytes32 market,uint32 mmPpm,uint64 effectiveAt,uint64 sequence)");

    /// @notice So many markets at most: every account's margin walks over all of them.
    uint256 public constant MAX_MARKETS = 16;
    /// @notice Parameters take effect within this time of being posted.
    uint256 public constant LONGEST_NOTICE_SECONDS = 30 days;

    /// @notice What accounts deposit.
    IERC20 public immutable collateralToken;
    uint256 private immutable _tokenScale;

    /// @notice What winners are paid from, in the token's own units.
    uint256 public pool;

    bytes32[] private _marketIds;
    mapping(bytes32 market => Market) private _markets;
    mapping(address account => Balance) private _balances;
    mapping(address account => mapping(bytes32 market => Position)) private _positions;
    EnumerableSet.AddressSet private _holders;

    event MarketAdded(bytes32 indexed market, MarketConfig config);
    event MarketParamsAccepted(
        bytes32 indexed market, uint32 mmFromPpm, uint32 mmTargetPpm, uint64 startsAt, uint64 endsAt, uint64 sequence
    );
    /// @notice `amount` arrived, in the token's own units.
    event Deposited(address indexed account, uint256 amount, address payer);
    event Withdrawn(address indexed account, uint256 amount, address to);
    event PoolFunded(address indexed payer, uint256 amount);
    /// @param size After the change.
    /// @param entryPrice After the change; 0 if the position is closed.
    /// @param realisedPnl USD × 1e18.
    /// @param fee USD × 1e18.
    event PositionChanged(
        address indexed account,
        bytes32 indexed market,
        int256 sizeDelta,
        int256 size,
        uint256 price,
        uint256 entryPrice,
        int256 realisedPnl,
        uint256 fee
    );
    /// @param size What was closed, with its sign.
    /// @param loss What the close realised, 0 for a gain. USD × 1e18.
    /// @param badDebt By how much it raised what neither collateral nor credit covers. USD × 1e18.
    /// @param fee To the liquidator. USD × 1e18.
    event Liquidated(
        address indexed account,
        bytes32 indexed market,
        int256 size,
        uint256 price,
        uint256 loss,
        uint256 badDebt,
        address indexed liquidator,
        uint256 fee
    );
    /// @notice A loss or fee was not covered by the collateral here. USD × 1e18.
    event LossRecorded(address indexed account, uint256 amount, uint256 total);
    /// @notice An unsettled loss was paid, or set off against a gain. USD × 1e18.
    event LossSettled(address indexed account, uint256 amount, uint256 total);
    /// @notice A gain is owed because the pool is short. USD × 1e18.
    event GainDeferred(address indexed account, uint256 amount, uint256 total);
    /// @notice A gain that was owed is paid, or set off against a loss. USD × 1e18.
    event GainSettled(address indexed account, uint256 amount, uint256 total);

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
    /// @notice The feed's price is zero or negative.
    error PriceNotPositive(bytes32 market, int256 answer);
    /// @notice The feed's price is older than its heartbeat, or from the future.
    error PriceStale(bytes32 market, uint256 updatedAt, uint256 time);
    /// @notice The price is worse than the caller's limit.
    error PriceBeyondLimit(uint256 price, uint256 limitPrice);
    /// @notice Nothing to do with an amount or size of zero.
    error ZeroAmount();
    /// @notice More than the position's size.
    error ReduceTooLarge(uint256 size, uint256 open);
    /// @notice The account has no position in this market.
    error NoPosition(address account, bytes32 market);
    /// @notice More than the account's collateral here.
    error NotCovered(uint256 amount, uint256 collateral);
    /// @notice The market's open interest would exceed its cap.
    error OpenInterestExceeded(uint256 openInterest, uint256 maxOpenInterest);
    /// @notice Equity is not below maintenance margin: the account may not be liquidated.
    error Healthy(int256 equity, uint256 mm);

    constructor(IERC20 collateralToken_, LimitBook limitBook_, address owner_, address guardian_)
        Guarded(owner_, guardian_)
        LimitGuarded(limitBook_)
        EIP712("Plimsoll PerpVenue", "1")
    {
        uint8 decimals = IERC20Metadata(address(collateralToken_)).decimals();
        if (decimals > 18) revert OutOfBounds("decimals");
        collateralToken = collateralToken_;
        _tokenScale = 10 ** (18 - decimals);
    }

    // ---------------------------------------------------------------- configuration

    /// @notice Adds a market. What it starts with stays, but for its maintenance margin.
    function addMarket(MarketConfig calldata config) external onlyOwner {
        Market storage market = _markets[config.market];
        if (config.market == 0 || market.priceScale != 0 || _marketIds.length == MAX_MARKETS) {
            revert MarketNotAdded(config.market);
        }
        _requireMargin(config.imPpm, config.mmPpm);
        if (config.heartbeatSeconds == 0) revert OutOfBounds("heartbeatSeconds");
        if (config.mmRampPpmPerHour == 0) revert OutOfBounds("mmRampPpmPerHour");
        if (config.feePpm > 10_000) revert OutOfBounds("feePpm");
        if (config.liquidationFeePpm > config.mmPpm) revert OutOfBounds("liquidationFeePpm");
        uint8 decimals = config.feed.decimals();
        if (decimals > 18) revert OutOfBounds("decimals");

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
        if (
            params.effectiveAt < block.timestamp || params.effectiveAt > block.timestamp + LONGEST_NOTICE_SECONDS
        ) revert OutOfBounds("effectiveAt");
        if (params.sequence <= market.sequence) revert Stale(params.sequence, market.sequence);
        if (block.timestamp < market.rampEndsAt) revert RampUnderWay(market.rampEndsAt);
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

    // ---------------------------------------------------------------- money

    /// @notice Gives the pool tokens, for good.
    function fundPool(uint256 amount) external nonReentrant {
        uint256 received = _receive(amount);
        pool += received;
        emit PoolFunded(msg.sender, received);
    }

    /// @notice Adds the caller's tokens to the caller's collateral.
    function deposit(uint256 amount) external {
        depositFor(msg.sender, amount);
    }

    /// @notice Adds the caller's tokens to `account`'s collateral. An unsettled loss is paid first.
    function depositFor(address account, uint256 amount) public nonReentrant {
        uint256 received = _receive(amount);
        emit Deposited(account, received, msg.sender);
        Balance storage balance = _balances[account];
        balance.collateral += received;
        _settleLoss(account, balance);
    }

    /// @notice Takes collateral out, as far as what stays still covers initial margin. Credit does not count: what
    ///         leaves must not be what positions stand on.
    function withdraw(uint256 amount, address to) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        Balance storage balance = _balances[msg.sender];
        if (amount > balance.collateral) revert NotCovered(amount, balance.collateral);
        balance.collateral -= amount;
        if (_holders.contains(msg.sender)) {
            AccountView memory account = _account(msg.sender, true);
            if (account.raiseEquity < 0 || account.im > uint256(account.raiseEquity)) {
                revert MarginExceeded(account.im, account.raiseEquity);
            }
        }
        emit Withdrawn(msg.sender, amount, to);
        collateralToken.safeTransfer(to, amount);
    }

    /// @notice Pays what the pool owes the account, as far as it can. Anyone may call it.
    function settleGain(address account) external nonReentrant {
        Balance storage balance = _balances[account];
        uint256 paid = Math.min(balance.unpaidGain, pool);
        if (paid == 0) revert ZeroAmount();
        pool -= paid;
        balance.collateral += paid;
        balance.unpaidGain -= paid;
        emit GainSettled(account, paid * _tokenScale, balance.unpaidGain * _tokenScale);
    }

    // ---------------------------------------------------------------- trading

    /// @notice Trades at the oracle price. What raises the position must be admitted by its limit.
    /// @param sizeDelta Base units × 1e18; positive buys, negative sells.
    /// @param limitPrice The worst price the caller takes, USD × 1e18.
    function open(bytes32 market, int256 sizeDelta, uint256 limitPrice) external nonReentrant whenNotPaused {
        if (sizeDelta == 0) revert ZeroAmount();
        uint256 price = _tradePrice(market, sizeDelta, limitPrice);
        int256 before = _positions[msg.sender][market].size;
        int256 size = before + sizeDelta;
        bool crosses = (before > 0 && size < 0) || (before < 0 && size > 0);
        if (!crosses && _abs(size) < _abs(before)) {
            _fill(msg.sender, market, sizeDelta, price, 0);
            return;
        }
        uint256 opened = crosses ? _abs(size) : _abs(sizeDelta);
        uint256 fee = _requirement(_notional(opened, price), _markets[market].config.feePpm);
        _fill(msg.sender, market, sizeDelta, price, _toTokens(fee, Math.Rounding.Ceil));
        _admit(msg.sender, market, size > 0);
    }

    /// @notice Closes part of the caller's position at the oracle price, or all of it. Always allowed while the price
    ///         is fresh: requirements are a sum over markets, so closing anything never raises one, and it is free of
    ///         charge, so it never lowers equity but by rounding.
    /// @param size How much to close, base units × 1e18; the greatest uint256 closes all.
    /// @param limitPrice The worst price the caller takes, USD × 1e18.
    function reduce(bytes32 market, uint256 size, uint256 limitPrice) external nonReentrant {
        int256 held = _positions[msg.sender][market].size;
        if (held == 0) revert NoPosition(msg.sender, market);
        if (size == 0) revert ZeroAmount();
        uint256 closed = size == type(uint256).max ? _abs(held) : size;
        if (closed > _abs(held)) revert ReduceTooLarge(closed, _abs(held));
        int256 sizeDelta = held > 0 ? -int256(closed) : int256(closed);
        _fill(msg.sender, market, sizeDelta, _tradePrice(market, sizeDelta, limitPrice), 0);
    }

    /// @notice Closes the whole position of an account whose equity is below its maintenance margin. Anyone may call
    ///         it, and is paid from what is left.
    function liquidate(address account, bytes32 market) external nonReentrant {
        int256 held = _positions[account][market].size;
        if (held == 0) revert NoPosition(account, market);
        AccountView memory view_ = _account(account, true);
        if (view_.equity >= int256(view_.mm)) revert Healthy(view_.equity, view_.mm);

        Balance storage balance = _balances[account];
        uint256 price = _price(market, true);
        uint256 before = _badDebt(balance, view_.credit);
        int256 realised = _fill(account, market, -held, price, 0);
        uint256 badDebt = _badDebt(balance, view_.credit) - Math.min(before, _badDebt(balance, view_.credit));
        uint256 fee = _requirement(_notional(_abs(held), price), _markets[market].config.liquidationFeePpm);
        uint256 paid = Math.min(_toTokens(fee, Math.Rounding.Floor), balance.collateral);
        balance.collateral -= paid;
        emit Liquidated(
            account,
            market,
            held,
            price,
            realised < 0 ? uint256(-realised) : 0,
            badDebt,
            msg.sender,
            paid * _tokenScale
        );
        if (paid != 0) collateralToken.safeTransfer(msg.sender, paid);
    }

    // ---------------------------------------------------------------- views

    /// @notice Every market's id, in the order they were added.
    function markets() external view returns (bytes32[] memory) {
        return _marketIds;
    }

    /// @notice A market as it stands.
    function marketOf(bytes32 market) public view returns (MarketView memory) {
        Market storage m = _market(market);
        (uint256 price, uint256 updatedAt) = _peek(market);
        (uint32 ramped, uint32 liquidation) = _mmPpm(m);
        return MarketView({
            market: market,
            feed: address(m.config.feed),
            heartbeatSeconds: m.config.heartbeatSeconds,
            price: price,
            priceUpdatedAt: uint64(updatedAt),
            fresh: _fresh(m, updatedAt),
            imPpm: m.config.imPpm,
            mmPpm: ramped,
            mmLiquidationPpm: liquidation,
            mmTargetPpm: m.mmTargetPpm,
            mmRampEndsAt: m.rampEndsAt,
            sequence: m.sequence,
            feePpm: m.config.feePpm,
            liquidationFeePpm: m.config.liquidationFeePpm,
            maxOpenInterest: m.config.maxOpenInterest,
            longSize: m.longSize,
            shortSize: m.shortSize,
            longNotional: _notional(m.longSize, price),
            shortNotional: _notional(m.shortSize, price)
        });
    }

    /// @notice Notional of all longs and of all shorts at the feed's price, USD × 1e18.
    function openInterest(bytes32 market) external view returns (uint256 longNotional, uint256 shortNotional) {
        MarketView memory m = marketOf(market);
        return (m.longNotional, m.shortNotional);
    }

    /// @notice An account as it stands. Prices may be stale here; `marketOf` says whether they are.
    function accountOf(address account) external view returns (AccountView memory) {
        return _account(account, false);
    }

    /// @notice Many accounts, in their order, in one call.
    function accountsOf(address[] calldata accounts) external view returns (AccountView[] memory views) {
        views = new AccountView[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            views[i] = _account(accounts[i], false);
        }
    }

    /// @notice Who has an open position: a page of the list, in no order that means anything.
    /// @return accounts At most `limit` of them, from `offset` on.
    /// @return total How many there are.
    function accountsWithPositions(uint256 offset, uint256 limit)
        public
        view
        returns (address[] memory accounts, uint256 total)
    {
        total = _holders.length();
        uint256 start = Math.min(offset, total);
        accounts = new address[](Math.min(limit, total - start));
        for (uint256 i = 0; i < accounts.length; ++i) {
            accounts[i] = _holders.at(start + i);
        }
    }

    /// @notice The book: every market, and a page of everybody with an open position, in one call at one block.
    function book(uint256 offset, uint256 limit)
        external
        view
        returns (MarketView[] memory markets_, AccountView[] memory accounts, uint256 total)
    {
        markets_ = new MarketView[](_marketIds.length);
        for (uint256 i = 0; i < markets_.length; ++i) {
            markets_[i] = marketOf(_marketIds[i]);
        }
        address[] memory holders;
        (holders, total) = accountsWithPositions(offset, limit);
        accounts = new AccountView[](holders.length);
        for (uint256 i = 0; i < holders.length; ++i) {
            accounts[i] = _account(holders[i], false);
        }
    }

    /// @notice Losses and fees of the account that its collateral here did not cover, USD × 1e18.
    function unsettledLoss(address account) external view returns (uint256) {
        return _balances[account].unsettledLoss * _tokenScale;
    }

    // ---------------------------------------------------------------- inside

    function _admit(address account, bytes32 market, bool long) private view {
        AccountView memory view_ = _account(account, true);
        Market storage m = _markets[market];
        PositionView memory raised;
        for (uint256 i = 0; i < view_.positions.length; ++i) {
            if (view_.positions[i].market == market) raised = view_.positions[i];
        }
        _admitRaise(
            Raise({
                account: account,
                market: market,
                notional: raised.notional,
                staticImPpm: m.config.imPpm,
                floorImPpm: raised.mmPpm,
                requirementOthers: view_.im - _requirement(raised.notional, raised.imPpm),
                equity: view_.raiseEquity
            })
        );
        uint256 side = _notional(long ? m.longSize : m.shortSize, raised.price);
        if (side > m.config.maxOpenInterest) revert OpenInterestExceeded(side, m.config.maxOpenInterest);
    }

    /// @dev Changes the position and moves the money. `fee` is in the token's own units.
    function _fill(address account, bytes32 market, int256 sizeDelta, uint256 price, uint256 fee)
        private
        returns (int256 realised)
    {
        Position storage position = _positions[account][market];
        int256 before = position.size;
        (position.size, position.cost, realised) = _trade(before, position.cost, sizeDelta, price);
        _track(account, market, before, position.size);
        emit PositionChanged(
            account,
            market,
            sizeDelta,
            position.size,
            price,
            _entryPrice(position),
            realised,
            fee * _tokenScale
        );
        _book(account, realised, fee);
    }

    /// @dev The position after a trade, and what it realised: what closes takes its share of the cost along, what
    ///      opens adds its own.
    function _trade(int256 before, int256 cost, int256 sizeDelta, uint256 price)
        private
        pure
        returns (int256 size, int256 costAfter, int256 realised)
    {
        size = before + sizeDelta;
        int256 closed = 0; // with the sign of what it closes
        if (before > 0 && sizeDelta < 0) closed = int256(Math.min(uint256(before), uint256(-sizeDelta)));
        if (before < 0 && sizeDelta > 0) closed = -int256(Math.min(uint256(-before), uint256(sizeDelta)));
        int256 share = closed == before ? cost : _mulDivUp(cost, _abs(closed), _abs(before));
        realised = _mulDivDown(closed, price, 1e18) - share;
        costAfter = cost - share + _mulDivUp(sizeDelta + closed, price, 1e18);
    }

    /// @dev Moves a realised result and a fee between the account and the pool.
    function _book(address account, int256 realised, uint256 fee) private {
        Balance storage balance = _balances[account];
        uint256 gain = realised > 0 ? _toTokens(uint256(realised), Math.Rounding.Floor) : 0;
        uint256 loss = (realised < 0 ? _toTokens(uint256(-realised), Math.Rounding.Ceil) : 0) + fee;
        if (gain >= loss) _credit(account, balance, gain - loss);
        else _debit(account, balance, loss - gain);
    }

    /// @dev A gain pays an unsettled loss first, then comes from the pool, then is owed.
    function _credit(address account, Balance storage balance, uint256 gain) private {
        uint256 set = Math.min(gain, balance.unsettledLoss);
        if (set != 0) {
            balance.unsettledLoss -= set;
            emit LossSettled(account, set * _tokenScale, balance.unsettledLoss * _tokenScale);
        }
        uint256 paid = Math.min(gain - set, pool);
        pool -= paid;
        balance.collateral += paid;
        uint256 owed = gain - set - paid;
        if (owed != 0) {
            balance.unpaidGain += owed;
            emit GainDeferred(account, owed * _tokenScale, balance.unpaidGain * _tokenScale);
        }
    }

    /// @dev A loss is set off against a gain still owed, then paid to the pool, then recorded.
    function _debit(address account, Balance storage balance, uint256 loss) private {
        uint256 set = Math.min(loss, balance.unpaidGain);
        if (set != 0) {
            balance.unpaidGain -= set;
            emit GainSettled(account, set * _tokenScale, balance.unpaidGain * _tokenScale);
        }
        uint256 paid = Math.min(loss - set, balance.collateral);
        balance.collateral -= paid;
        pool += paid;
        uint256 unsettled = loss - set - paid;
        if (unsettled != 0) {
            balance.unsettledLoss += unsettled;
            emit LossRecorded(account, unsettled * _tokenScale, balance.unsettledLoss * _tokenScale);
        }
    }

    function _settleLoss(address account, Balance storage balance) private {
        uint256 paid = Math.min(balance.collateral, balance.unsettledLoss);
        if (paid == 0) return;
        balance.collateral -= paid;
        balance.unsettledLoss -= paid;
        pool += paid;
        emit LossSettled(account, paid * _tokenScale, balance.unsettledLoss * _tokenScale);
    }

    /// @dev Keeps open interest and the list of who has a position.
    function _track(address account, bytes32 market, int256 before, int256 size) private {
        Market storage m = _markets[market];
        if (before > 0) m.longSize -= uint256(before);
        if (before < 0) m.shortSize -= uint256(-before);
        if (size > 0) m.longSize += uint256(size);
        if (size < 0) m.shortSize += uint256(-size);
        if (size != 0) _holders.add(account);
        else if (!_hasPosition(account)) _holders.remove(account);
    }

    function _receive(uint256 amount) private returns (uint256 received) {
        uint256 before = collateralToken.balanceOf(address(this));
        collateralToken.safeTransferFrom(msg.sender, address(this), amount);
        received = collateralToken.balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();
    }

    /// @dev `fresh`: every price must be fit to trade at; else any positive one will do.
    function _account(address account, bool fresh) private view returns (AccountView memory view_) {
        Balance storage balance = _balances[account];
        view_.account = account;
        view_.collateral = balance.collateral * _tokenScale;
        view_.unsettledLoss = balance.unsettledLoss * _tokenScale;
        view_.unpaidGain = balance.unpaidGain * _tokenScale;
        view_.credit = limitBook.creditOf(account, address(this));
        view_.raiseEquity = int256(view_.collateral) - int256(view_.unsettledLoss);
        view_.equity = view_.raiseEquity + int256(view_.credit) + int256(view_.unpaidGain);

        uint256 count = 0;
        PositionView[] memory all = new PositionView[](_marketIds.length);
        for (uint256 i = 0; i < all.length; ++i) {
            if (_positions[account][_marketIds[i]].size == 0) continue;
            PositionView memory position = _position(account, _marketIds[i], fresh);
            all[count++] = position;
            view_.equity += position.unrealised;
            if (position.unrealised < 0) view_.raiseEquity += position.unrealised;
            view_.im += _requirement(position.notional, position.imPpm);
            view_.mm += _requirement(position.notional, position.mmLiquidationPpm);
            view_.mmRamped += _requirement(position.notional, position.mmPpm);
        }
        view_.positions = new PositionView[](count);
        for (uint256 i = 0; i < count; ++i) {
            view_.positions[i] = all[i];
        }
    }

    function _position(address account, bytes32 market, bool fresh) private view returns (PositionView memory view_) {
        Market storage m = _markets[market];
        Position storage position = _positions[account][market];
        view_.market = market;
        view_.size = position.size;
        view_.entryPrice = _entryPrice(position);
        view_.price = _price(market, fresh);
        view_.notional = _notional(_abs(position.size), view_.price);
        view_.unrealised = _mulDivDown(position.size, view_.price, 1e18) - position.cost;
        (view_.mmPpm, view_.mmLiquidationPpm) = _mmPpm(m);
        view_.imPpm = _imPpmOf(account, market, m.config.imPpm, view_.mmPpm);
    }

    function _hasPosition(address account) private view returns (bool) {
        for (uint256 i = 0; i < _marketIds.length; ++i) {
            if (_positions[account][_marketIds[i]].size != 0) return true;
        }
        return false;
    }

    /// @dev What neither collateral nor credit covers, in USD × 1e18.
    function _badDebt(Balance storage balance, uint256 credit) private view returns (uint256) {
        return Math.saturatingSub(balance.unsettledLoss * _tokenScale, credit);
    }

    function _market(bytes32 market) private view returns (Market storage m) {
        m = _markets[market];
        if (m.priceScale == 0) revert UnknownMarket(market);
    }

    function _requireMargin(uint32 imPpm, uint32 mmPpm) private pure {
        if (mmPpm == 0 || imPpm > 1e6 || uint256(imPpm) * 4 < uint256(mmPpm) * 5) revert OutOfBounds("mmPpm");
    }

    /// @dev On the ramp now, rounded up; and what liquidations go by, which a rising ramp does not move until it ends.
    function _mmPpm(Market storage m) private view returns (uint32 ramped, uint32 liquidation) {
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

    function _tradePrice(bytes32 market, int256 sizeDelta, uint256 limitPrice) private view returns (uint256 price) {
        price = _price(market, true);
        if (sizeDelta > 0 ? price > limitPrice : price < limitPrice) revert PriceBeyondLimit(price, limitPrice);
    }

    function _price(bytes32 market, bool fresh) private view returns (uint256 price) {
        uint256 updatedAt;
        (price, updatedAt) = _peek(market);
        if (fresh && !_fresh(_markets[market], updatedAt)) revert PriceStale(market, updatedAt, block.timestamp);
    }

    function _peek(bytes32 market) private view returns (uint256 price, uint256 updatedAt) {
        Market storage m = _market(market);
        int256 answer;
        (, answer,, updatedAt,) = m.config.feed.latestRoundData();
        if (answer <= 0) revert PriceNotPositive(market, answer);
        price = uint256(answer) * m.priceScale;
    }

    function _fresh(Market storage m, uint256 updatedAt) private view returns (bool) {
        return updatedAt <= block.timestamp && block.timestamp - updatedAt <= m.config.heartbeatSeconds;
    }

    function _entryPrice(Position storage position) private view returns (uint256) {
        if (position.size == 0) return 0;
        return Math.mulDiv(_abs(position.cost), 1e18, _abs(position.size));
    }

    function _toTokens(uint256 usd, Math.Rounding rounding) private view returns (uint256) {
        return Math.mulDiv(usd, 1, _tokenScale, rounding);
    }

    /// @dev ⌈size · price⌉, USD × 1e18.
    function _notional(uint256 size, uint256 price) private pure returns (uint256) {
        return Math.mulDiv(size, price, 1e18, Math.Rounding.Ceil);
    }

    function _abs(int256 x) private pure returns (uint256) {
        return x < 0 ? uint256(-x) : uint256(x);
    }

    /// @dev Towards minus infinity.
    function _mulDivDown(int256 a, uint256 b, uint256 d) private pure returns (int256) {
        return a < 0
            ? -int256(Math.mulDiv(uint256(-a), b, d, Math.Rounding.Ceil))
            : int256(Math.mulDiv(uint256(a), b, d));
    }

    /// @dev Towards plus infinity.
    function _mulDivUp(int256 a, uint256 b, uint256 d) private pure returns (int256) {
        return -_mulDivDown(-a, b, d);
    }
}
