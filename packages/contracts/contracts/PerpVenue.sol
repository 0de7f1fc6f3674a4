// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {Fixed} from "./Fixed.sol";
import {Guarded} from "./Guarded.sol";
import {LimitBook} from "./LimitBook.sol";
import {LimitGuarded} from "./LimitGuarded.sol";
import {PerpMarkets} from "./PerpMarkets.sol";
import {PerpMoney} from "./PerpMoney.sol";

/// @title PerpVenue
/// @notice A small reference venue for linear perpetuals: trades execute at the oracle price against a pool that pays
///         winners and takes what losers pay. New risk is admitted by personal limits; anybody may liquidate an
///         account whose equity is below its maintenance margin, and nobody one whose is not.
/// @dev USD and prices × 1e18, sizes in base units × 1e18 (positive long, negative short), rates in ppm, token amounts
///      in the token's own units. Values are rounded against the account.
contract PerpVenue is PerpMarkets, PerpMoney {
    using SafeERC20 for IERC20;
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

    mapping(address account => mapping(bytes32 market => Position)) private _positions;
    EnumerableSet.AddressSet private _holders;

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

    /// @notice The price is worse than the caller's limit.
    error PriceBeyondLimit(uint256 price, uint256 limitPrice);
    /// @notice More than the position's size.
    error ReduceTooLarge(uint256 size, uint256 open);
    /// @notice The account has no position in this market.
    error NoPosition(address account, bytes32 market);
    /// @notice The market's open interest would exceed its cap.
    error OpenInterestExceeded(uint256 openInterest, uint256 maxOpenInterest);
    /// @notice Equity is not below maintenance margin: the account may not be liquidated.
    error Healthy(int256 equity, uint256 mm);

    constructor(IERC20 collateralToken_, LimitBook limitBook_, address owner_, address guardian_)
        Guarded(owner_, guardian_)
        LimitGuarded(limitBook_)
        EIP712("Plimsoll PerpVenue", "1")
        PerpMoney(collateralToken_)
    {}

    /// @notice Trades at the oracle price. What raises the position must be admitted by its limit.
    /// @param sizeDelta Base units × 1e18; positive buys, negative sells.
    /// @param limitPrice The worst price the caller takes, USD × 1e18.
    function open(bytes32 market, int256 sizeDelta, uint256 limitPrice) external nonReentrant whenNotPaused {
        if (sizeDelta == 0) revert ZeroAmount();
        uint256 price = _tradePrice(market, sizeDelta, limitPrice);
        int256 before = _positions[msg.sender][market].size;
        int256 size = before + sizeDelta;
        bool crosses = (before > 0 && size < 0) || (before < 0 && size > 0);
        if (!crosses && Fixed.abs(size) < Fixed.abs(before)) {
            _fill(msg.sender, market, sizeDelta, price, 0);
            return;
        }
        uint256 opened = crosses ? Fixed.abs(size) : Fixed.abs(sizeDelta);
        uint256 fee = Fixed.ofPpm(Fixed.notional(opened, price), _markets[market].config.feePpm);
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
        uint256 closed = size == type(uint256).max ? Fixed.abs(held) : size;
        if (closed > Fixed.abs(held)) revert ReduceTooLarge(closed, Fixed.abs(held));
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
        uint256 fee = Fixed.ofPpm(Fixed.notional(Fixed.abs(held), price), _markets[market].config.liquidationFeePpm);
        uint256 paid = Math.min(_toTokens(fee, Math.Rounding.Floor), balance.collateral);
        balance.collateral -= paid;
        emit Liquidated(
            account, market, held, price, realised < 0 ? uint256(-realised) : 0, badDebt, msg.sender, paid * _tokenScale
        );
        if (paid != 0) collateralToken.safeTransfer(msg.sender, paid);
    }

    /// @notice Takes collateral out, as far as what stays still covers initial margin. Credit does not count: what
    ///         leaves must not be what positions stand on.
    function withdraw(uint256 amount, address to) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        if (to == address(0)) revert ZeroAddress();
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
                requirementOthers: view_.im - Fixed.ofPpm(raised.notional, raised.imPpm),
                equity: view_.raiseEquity
            })
        );
        uint256 side = Fixed.notional(long ? m.longSize : m.shortSize, raised.price);
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
            account, market, sizeDelta, position.size, price, _entryPrice(position), realised, fee * _tokenScale
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
        int256 share = closed == before ? cost : Fixed.mulDivUp(cost, Fixed.abs(closed), Fixed.abs(before));
        realised = Fixed.mulDivDown(closed, price, 1e18) - share;
        costAfter = cost - share + Fixed.mulDivUp(sizeDelta + closed, price, 1e18);
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
            view_.im += Fixed.ofPpm(position.notional, position.imPpm);
            view_.mm += Fixed.ofPpm(position.notional, position.mmLiquidationPpm);
            view_.mmRamped += Fixed.ofPpm(position.notional, position.mmPpm);
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
        view_.notional = Fixed.notional(Fixed.abs(position.size), view_.price);
        view_.unrealised = Fixed.mulDivDown(position.size, view_.price, 1e18) - position.cost;
        (view_.mmPpm, view_.mmLiquidationPpm) = _mmPpm(m);
        view_.imPpm = _imPpmOf(account, market, m.config.imPpm, view_.mmPpm);
    }

    function _hasPosition(address account) private view returns (bool) {
        for (uint256 i = 0; i < _marketIds.length; ++i) {
            if (_positions[account][_marketIds[i]].size != 0) return true;
        }
        return false;
    }

    function _tradePrice(bytes32 market, int256 sizeDelta, uint256 limitPrice) private view returns (uint256 price) {
        price = _price(market, true);
        if (sizeDelta > 0 ? price > limitPrice : price < limitPrice) revert PriceBeyondLimit(price, limitPrice);
    }

    function _entryPrice(Position storage position) private view returns (uint256) {
        if (position.size == 0) return 0;
        return Math.mulDiv(Fixed.abs(position.cost), 1e18, Fixed.abs(position.size));
    }
}
