// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {Fixed} from "./Fixed.sol";
import {PerpMarkets} from "./PerpMarkets.sol";
import {PerpMoney} from "./PerpMoney.sol";

/// @title PerpPositions
/// @notice The positions of a venue: what accounts hold, what that is worth and needs, and how a trade changes it.
/// @dev USD and prices × 1e18, sizes in base units × 1e18 (positive long, negative short), rates in ppm, token amounts
///      in the token's own units. Values are rounded against the account.
abstract contract PerpPositions is PerpMarkets, PerpMoney {
    using EnumerableSet for EnumerableSet.AddressSet;

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

    /// @dev `cost` is what the open size was bought for, negative for shorts, so that profit is value less cost.
    struct Position {
        int256 size;
        int256 cost;
    }

    mapping(address account => mapping(bytes32 market => Position)) internal _positions;
    EnumerableSet.AddressSet internal _holders;

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
    /// @notice The price is worse than the caller's limit.
    error PriceBeyondLimit(uint256 price, uint256 limitPrice);
    /// @notice More than the position's size.
    error ReduceTooLarge(uint256 size, uint256 open);
    /// @notice The account has no position in this market.
    error NoPosition(address account, bytes32 market);
    /// @notice What the trade would leave open is less than the market's least; all of it may be closed.
    error NotionalTooSmall(uint256 notional, uint256 minNotional);
    /// @notice The market's open interest would exceed its cap.
    error OpenInterestExceeded(uint256 openInterest, uint256 maxOpenInterest);

    /// @notice An account as it stands. Prices may be stale here; `marketOf` says whether they are.
    function accountOf(address account) external view returns (AccountView memory) {
        return _account(account, Prices.Any);
    }

    /// @notice Many accounts, in their order, in one call.
    function accountsOf(address[] memory accounts) public view returns (AccountView[] memory views) {
        views = new AccountView[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            views[i] = _account(accounts[i], Prices.Any);
        }
    }

    /// @notice What an account holds in a market, base units × 1e18, with its sign.
    function sizeOf(address account, bytes32 market) external view returns (int256) {
        return _positions[account][market].size;
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
        accounts = accountsOf(holders);
    }

    /// @dev A trade that adds to a position or opens one must be admitted; what takes away needs nothing.
    /// @param feePpm On what is opened.
    function _open(address account, bytes32 market, int256 sizeDelta, uint256 price, uint256 feePpm) internal {
        int256 before = _positions[account][market].size;
        int256 size = before + sizeDelta;
        bool crosses = (before > 0 && size < 0) || (before < 0 && size > 0);
        if (!crosses && Fixed.abs(size) < Fixed.abs(before)) {
            _fill(account, market, sizeDelta, price, 0);
            return;
        }
        uint256 opened = crosses ? Fixed.abs(size) : Fixed.abs(sizeDelta);
        uint256 fee = Fixed.ofPpm(Fixed.notional(opened, price), feePpm);
        _fill(account, market, sizeDelta, price, _toTokens(fee, Math.Rounding.Ceil));
        _admit(account, market, size > 0);
    }

    /// @dev Closes part of a position or, for the greatest uint256, all of it.
    function _reduce(address account, bytes32 market, uint256 size, uint256 limitPrice)
        internal
        returns (uint256 closed, uint256 price)
    {
        int256 held = _held(account, market);
        if (size == 0) revert ZeroAmount();
        closed = size == type(uint256).max ? Fixed.abs(held) : size;
        if (closed > Fixed.abs(held)) revert ReduceTooLarge(closed, Fixed.abs(held));
        int256 sizeDelta = held > 0 ? -int256(closed) : int256(closed);
        price = _tradePrice(market, sizeDelta, limitPrice);
        _fill(account, market, sizeDelta, price, 0);
        _requireLeast(account, market, price);
    }

    /// @dev What an account trades to by its own word is nothing, or worth its margin: dust in many markets would leave an
    ///      account to the worst of their feeds for free.
    function _requireLeast(address account, bytes32 market, uint256 price) internal view {
        uint256 size = Fixed.abs(_positions[account][market].size);
        uint256 notional = Fixed.notional(size, price);
        uint256 least = _markets[market].config.minNotional;
        if (size != 0 && notional < least) revert NotionalTooSmall(notional, least);
    }

    function _held(address account, bytes32 market) internal view returns (int256 held) {
        held = _positions[account][market].size;
        if (held == 0) revert NoPosition(account, market);
    }

    function _admit(address account, bytes32 market, bool long) internal view {
        AccountView memory view_ = _account(account, Prices.Fresh);
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
                requirementOthers: view_.im - Fixed.ofPpm(raised.notional, raised.imPpm),
                equity: view_.raiseEquity
            })
        );
        uint256 side = Fixed.notional(long ? m.longSize : m.shortSize, raised.price);
        if (side > m.config.maxOpenInterest) revert OpenInterestExceeded(side, m.config.maxOpenInterest);
    }

    /// @dev Changes the position and moves the money. `fee` is in the token's own units.
    function _fill(address account, bytes32 market, int256 sizeDelta, uint256 price, uint256 fee)
        internal
        returns (int256)
    {
        return _move(account, market, sizeDelta, price, fee, 0);
    }

    /// @dev As `_fill`; and what is taken of the result for somebody else, which is no fee. In the token's own units.
    function _move(address account, bytes32 market, int256 sizeDelta, uint256 price, uint256 fee, uint256 taken)
        internal
        returns (int256 realised)
    {
        Position storage position = _positions[account][market];
        int256 before = position.size;
        (position.size, position.cost, realised) = _trade(before, position.cost, sizeDelta, price);
        _track(account, market, before, position.size);
        emit PositionChanged(
            account, market, sizeDelta, position.size, price, _entryPrice(position), realised, _usd(fee)
        );
        _book(account, realised, fee + taken);
    }

    /// @dev The position after a trade, and what it realised: what closes takes its share of the cost along, what
    ///      opens adds its own.
    function _trade(int256 before, int256 cost, int256 sizeDelta, uint256 price)
        internal
        pure
        returns (int256 size, int256 costAfter, int256 realised)
    {
        size = before + sizeDelta;
        int256 closed = 0; // with the sign of what it closes
        if (before > 0 && sizeDelta < 0) closed = int256(Math.min(uint256(before), uint256(-sizeDelta)));
        if (before < 0 && sizeDelta > 0) closed = -int256(Math.min(uint256(-before), uint256(sizeDelta)));
        int256 share = closed == before ? cost : Fixed.mulDivUp(cost, Fixed.abs(closed), Fixed.abs(before));
        realised = Fixed.mulDivDown(closed, price, 1e18) - share;
        costAfter = cost - share + Fixed.mulDivUp(sizeDelta + closed, price, 1e18);
    }

    /// @dev Keeps open interest and the list of who has a position.
    function _track(address account, bytes32 market, int256 before, int256 size) internal {
        Market storage m = _markets[market];
        if (before > 0) m.longSize -= uint256(before);
        if (before < 0) m.shortSize -= uint256(-before);
        if (size > 0) m.longSize += uint256(size);
        if (size < 0) m.shortSize += uint256(-size);
        if (size != 0) _holders.add(account);
        else if (!_hasPosition(account)) _holders.remove(account);
    }

    function _account(address account, Prices prices) internal view returns (AccountView memory view_) {
        Balance storage balance = _balances[account];
        view_.account = account;
        view_.collateral = _usd(balance.collateral);
        view_.unsettledLoss = _usd(balance.unsettledLoss);
        view_.unpaidGain = _usd(balance.unpaidGain);
        view_.credit = _creditOf(account);
        view_.raiseEquity = int256(view_.collateral) - int256(view_.unsettledLoss);
        view_.equity = view_.raiseEquity + int256(view_.credit) + int256(view_.unpaidGain);

        uint256 count = 0;
        PositionView[] memory all = new PositionView[](_marketIds.length);
        for (uint256 i = 0; i < all.length; ++i) {
            if (_positions[account][_marketIds[i]].size == 0) continue;
            PositionView memory position = _position(account, _marketIds[i], prices);
            all[count++] = position;
            view_.equity += position.unrealised;
            if (position.unrealised < 0) view_.raiseEquity += position.unrealised;
            view_.im += Fixed.ofPpm(position.notional, position.imPpm);
            view_.mm += Fixed.ofPpm(position.notional, position.mmLiquidationPpm);
            view_.mmRamped += Fixed.ofPpm(position.notional, position.mmPpm);
        }
        view_.positions = new PositionView[](count);
        for (uint256 i = 0; i < count; ++i) {
            view_.positions[i] = all[i];
        }
    }

    function _position(address account, bytes32 market, Prices prices)
        internal
        view
        returns (PositionView memory view_)
    {
        Market storage m = _markets[market];
        Position storage position = _positions[account][market];
        view_.market = market;
        view_.size = position.size;
        view_.entryPrice = _entryPrice(position);
        view_.price = _price(market, prices, position.size > 0);
        view_.notional = Fixed.notional(Fixed.abs(position.size), view_.price);
        view_.unrealised = Fixed.mulDivDown(position.size, view_.price, 1e18) - position.cost;
        (view_.mmPpm, view_.mmLiquidationPpm) = _mmPpm(m);
        view_.imPpm = _imPpmOf(account, market, m.config.imPpm, view_.mmPpm);
    }

    function _hasPosition(address account) internal view returns (bool) {
        for (uint256 i = 0; i < _marketIds.length; ++i) {
            if (_positions[account][_marketIds[i]].size != 0) return true;
        }
        return false;
    }

    function _tradePrice(bytes32 market, int256 sizeDelta, uint256 limitPrice) internal view returns (uint256 price) {
        price = _price(market);
        if (sizeDelta > 0 ? price > limitPrice : price < limitPrice) revert PriceBeyondLimit(price, limitPrice);
    }

    function _entryPrice(Position storage position) internal view returns (uint256) {
        if (position.size == 0) return 0;
        return Math.mulDiv(Fixed.abs(position.cost), 1e18, Fixed.abs(position.size));
    }
}
