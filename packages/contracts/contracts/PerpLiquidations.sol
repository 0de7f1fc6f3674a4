// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Fixed} from "./Fixed.sol";
import {PerpPositions} from "./PerpPositions.sol";

/// @title PerpLiquidations
/// @notice What may be done to an account by others. Anybody may liquidate one whose equity is below its maintenance
///         margin. Two contracts that the owner names once may do more: the mandates reduce for whoever allowed it, and
///         the backstop inherits what is too far gone, hands it on, and takes the profit of winners when nothing else
///         is left to pay a loss.
/// @dev USD and prices × 1e18, sizes in base units × 1e18, rates in ppm, token amounts in the token's own units.
abstract contract PerpLiquidations is PerpPositions {
    /// @notice How a market's liquidations are sized and who shares their fee.
    /// @param targetPpm Health, equity by maintenance margin, that a liquidation restores; 0 closes all.
    /// @param insurancePpm The insurance fund's share of the fee.
    struct LiquidationTerms {
        uint32 targetPpm;
        uint32 insurancePpm;
    }

    /// @notice The backstop inherits below this share of maintenance margin.
    uint256 internal constant INHERIT_PPM = 666_667;
    /// @notice A target is at most so much health.
    uint32 private constant MAX_TARGET_PPM = 5_000_000;
    /// @notice An inherited position costs its account at most this share of the notional.
    uint256 private constant MAX_PENALTY_PPM = 100_000;

    /// @notice Who reduces for those who allowed it.
    address public mandates;
    /// @notice Who inherits; holds the insurance fund. Its own account here stands outside of margin.
    address public backstop;

    /// @notice How a market's liquidations are sized and who shares their fee.
    mapping(bytes32 market => LiquidationTerms) public liquidationTermsOf;

    event Appointed(address mandates, address backstop);
    event LiquidationTermsChanged(bytes32 indexed market, LiquidationTerms terms);
    /// @param size What was closed, with its sign.
    /// @param loss What the close realised, 0 for a gain. USD × 1e18.
    /// @param badDebt By how much it raised what neither collateral nor credit covers. USD × 1e18.
    /// @param fee What it cost the account: the liquidator's and the insurance fund's. USD × 1e18.
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
    /// @notice A winner's profit paid what a loser could not.
    /// @param size What closed for it, with its sign.
    /// @param amount What the winner gave up of the profit that this showed; it is no fee. USD × 1e18.
    event Deleveraged(
        address indexed winner,
        bytes32 indexed market,
        address indexed loser,
        int256 size,
        uint256 price,
        uint256 amount
    );

    /// @notice Equity is not below maintenance margin: the account may not be liquidated.
    error Healthy(int256 equity, uint256 mm);
    /// @notice Equity is below maintenance margin: it is liquidations that act now.
    error Unhealthy(int256 equity, uint256 mm);
    /// @notice The caller was not appointed for this.
    error NotAppointed(address caller);
    /// @notice Appointments are for good.
    error AlreadyAppointed();
    /// @notice The backstop's own account is not liquidated; its losses go down the waterfall.
    error OwnAccount();
    /// @notice Who still has a position may still pay himself.
    error StillOpen(address account);

    modifier onlyBackstop() {
        _requireAppointed(backstop);
        _;
    }

    /// @notice Names both, once and for good. The zero address leaves a part out.
    function appoint(address mandates_, address backstop_) external onlyOwner {
        if (mandates != address(0) || backstop != address(0)) revert AlreadyAppointed();
        mandates = mandates_;
        backstop = backstop_;
        emit Appointed(mandates_, backstop_);
    }

    /// @notice Sets how a market's liquidations are sized and who shares their fee.
    function setLiquidationTerms(bytes32 market, LiquidationTerms calldata terms) external onlyOwner {
        _market(market);
        if ((terms.targetPpm != 0 && terms.targetPpm < 1e6) || terms.targetPpm > MAX_TARGET_PPM) {
            _outOfBounds("targetPpm");
        }
        if (terms.insurancePpm > 1e6) _outOfBounds("insurancePpm");
        liquidationTermsOf[market] = terms;
        emit LiquidationTermsChanged(market, terms);
    }

    /// @notice Closes the least of a position that restores an account below its maintenance margin to the market's
    ///         target, and all of it where no part does. Anyone may call it, and is paid from what is left. This market's
    ///         price must be fresh; what is out in others counts at its best for the account.
    function liquidate(address account, bytes32 market) external nonReentrant {
        (int256 held, AccountView memory view_, uint256 price) = _fallen(account, market, 1e6);
        uint256 cost;
        (held, cost) = _least(view_, market, held, price);
        Balance storage balance = _balances[account];
        uint256 badDebt = _badDebt(balance, view_.credit);
        int256 realised = _fill(account, market, -held, price, 0);
        badDebt = Math.saturatingSub(_badDebt(balance, view_.credit), badDebt);
        cost = _charge(balance, held, price, cost);
        emit Liquidated(
            account, market, held, price, realised < 0 ? uint256(-realised) : 0, badDebt, msg.sender, _usd(cost)
        );
        _payOut(market, cost);
    }

    /// @notice Closes part of a position for an account that allowed it, while it is healthy at fresh prices.
    function reduceFor(address account, bytes32 market, uint256 size, uint256 limitPrice)
        external
        nonReentrant
        returns (uint256 closed, uint256 price)
    {
        _requireAppointed(mandates);
        AccountView memory view_ = _account(account, Prices.Fresh);
        if (view_.equity < int256(view_.mm)) revert Unhealthy(view_.equity, view_.mm);
        return _reduce(account, market, size, limitPrice);
    }

    /// @notice Moves a whole position of an account that is too far gone to the backstop, at the oracle price. What is
    ///         left of the account pays the penalty.
    /// @return size With its sign.
    /// @return price At which it moved.
    /// @return paid The penalty, in the token's own units; it is the backstop's collateral now.
    function inherit(address account, bytes32 market, uint256 penaltyPpm)
        external
        nonReentrant
        onlyBackstop
        returns (int256 size, uint256 price, uint256 paid)
    {
        if (penaltyPpm > MAX_PENALTY_PPM) _outOfBounds("penaltyPpm");
        AccountView memory view_;
        (size, view_, price) = _fallen(account, market, INHERIT_PPM);
        (, uint256 mmPpm) = _mmPpm(_markets[market]);
        uint256 cost = _cost(view_, mmPpm, penaltyPpm);
        _fill(account, market, -size, price, 0);
        _fill(backstop, market, size, price, 0);
        paid = _charge(_balances[account], size, price, cost);
        Balance storage own = _balances[backstop];
        own.collateral += paid;
        _settleLoss(backstop, own);
    }

    /// @notice Moves collateral of the backstop's own account to another's, as far as there is any: what a bidder is paid
    ///         for taking, and a caller for calling.
    function pay(address to, uint256 amount) external nonReentrant onlyBackstop returns (uint256 paid) {
        Balance storage own = _balances[backstop];
        paid = Math.min(amount, own.collateral);
        if (paid == 0) return 0;
        own.collateral -= paid;
        _keep(to, paid, backstop);
    }

    /// @notice Moves part of what the backstop inherited to an account that is admitted to it, at the oracle price.
    /// @param size With the sign of what the backstop holds.
    function handOn(address to, bytes32 market, int256 size)
        external
        nonReentrant
        whenNotPaused
        onlyBackstop
        returns (uint256 price)
    {
        if (to == backstop) revert OwnAccount();
        int256 held = _held(backstop, market);
        if (held > 0 ? size <= 0 || size > held : size >= 0 || size < held) {
            revert ReduceTooLarge(Fixed.abs(size), Fixed.abs(held));
        }
        price = _price(market);
        _fill(backstop, market, -size, price, 0);
        _open(to, market, size, price, 0);
    }

    /// @notice Pays a loss that nothing else pays by a winner's profit: so much of the position closes as shows it.
    /// @param amount At most, in the token's own units; never more than is owed beyond credit, nor than the profit.
    /// @return paid 0 where there is no profit any more.
    function forfeit(address winner, bytes32 market, address loser, uint256 amount)
        external
        nonReentrant
        onlyBackstop
        returns (uint256 paid)
    {
        if (loser != backstop && _hasPosition(loser)) revert StillOpen(loser);
        PositionView memory position = _position(winner, market, Prices.Fresh);
        if (position.unrealised <= 0) return 0;
        Balance storage debtor = _balances[loser];
        uint256 owed = _badDebt(debtor, _creditOf(loser));
        uint256 most = _toTokens(Math.min(uint256(position.unrealised), owed), Math.Rounding.Floor);
        paid = Math.min(amount, most);
        if (paid == 0) return 0;
        uint256 part =
            Math.mulDiv(Fixed.abs(position.size), _usd(paid), uint256(position.unrealised), Math.Rounding.Ceil);
        int256 closed = position.size > 0 ? int256(part) : -int256(part);
        _move(winner, market, -closed, position.price, 0, paid);
        _settled(loser, debtor, paid);
        emit Deleveraged(winner, market, loser, closed, position.price, _usd(paid));
    }

    function _requireAppointed(address appointed) internal view {
        if (msg.sender != appointed) revert NotAppointed(msg.sender);
    }

    /// @dev An account whose equity is below a share of its maintenance margin, at a fresh price of this market. Another
    ///      whose price is out counts at the best that it may be for the account: dust there shields nobody, and nobody
    ///      is closed who may be healthy. docs/method/warrant.md, eq. (12).
    function _fallen(address account, bytes32 market, uint256 sharePpm)
        private
        view
        returns (int256 held, AccountView memory view_, uint256 price)
    {
        if (account == backstop) revert OwnAccount();
        held = _held(account, market);
        price = _price(market);
        view_ = _account(account, Prices.Best);
        if (view_.equity * 1e6 >= int256(view_.mm * sharePpm)) revert Healthy(view_.equity, view_.mm);
    }

    /// @dev What a unit closed may cost, × 1e18: the rate, and no more than the unit's share of what equity there is, so
    ///      that health never falls. docs/method/liquidation.md, eq. (5).
    function _cost(AccountView memory view_, uint256 mmPpm, uint256 ratePpm) private pure returns (uint256) {
        if (view_.equity <= 0) return 0;
        return Math.min(ratePpm * 1e12, Math.mulDiv(uint256(view_.equity), mmPpm * 1e12, view_.mm));
    }

    /// @dev What is closed, with its sign, and what a unit of it costs. The least is ⌈(τ·MM − E) / (τ·m − φ)⌉, where τ·m > φ
    ///      since E < MM; all is closed where that is more, or no target is set. docs/method/liquidation.md, eq. (4).
    function _least(AccountView memory view_, bytes32 market, int256 held, uint256 price)
        private
        view
        returns (int256 closed, uint256 cost)
    {
        (, uint256 mmPpm) = _mmPpm(_markets[market]);
        cost = _cost(view_, mmPpm, _markets[market].config.liquidationFeePpm);
        uint256 target = liquidationTermsOf[market].targetPpm;
        if (target == 0) return (held, cost);
        uint256 missing = uint256(int256(Fixed.ofPpm(view_.mm, target)) - view_.equity);
        uint256 size = Math.mulDiv(missing, 1e36, (target * mmPpm * 1e6 - cost) * price, Math.Rounding.Ceil);
        if (size >= Fixed.abs(held)) return (held, cost);
        closed = held > 0 ? int256(size) : -int256(size);
    }

    /// @dev Takes the cost of what was closed from the collateral, as far as there is any. In the token's own units.
    function _charge(Balance storage balance, int256 size, uint256 price, uint256 cost) private returns (uint256 paid) {
        uint256 fee = Math.mulDiv(Fixed.notional(Fixed.abs(size), price), cost, 1e18);
        paid = Math.min(_toTokens(fee, Math.Rounding.Floor), balance.collateral);
        balance.collateral -= paid;
    }

    /// @dev The fee goes to the caller, and the fund's share of it to the backstop, if there is one.
    function _payOut(bytes32 market, uint256 paid) private {
        uint256 insured = backstop == address(0) ? 0 : Math.mulDiv(paid, liquidationTermsOf[market].insurancePpm, 1e6);
        if (paid != insured) _payOrKeep(msg.sender, paid - insured);
        if (insured != 0) _payOrKeep(backstop, insured);
    }
}
