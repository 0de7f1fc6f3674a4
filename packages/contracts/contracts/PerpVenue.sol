// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {Guarded} from "./Guarded.sol";
import {IPriceFeed} from "./IPriceFeed.sol";
import {LimitBook} from "./LimitBook.sol";
import {LimitGuarded} from "./LimitGuarded.sol";
import {PerpLiquidations} from "./PerpLiquidations.sol";
import {PerpMoney} from "./PerpMoney.sol";
import {Successions} from "./Successions.sol";

/// @title PerpVenue
/// @notice A small reference venue for linear perpetuals: trades execute at the oracle price against a pool that pays
///         winners and takes what losers pay. New risk is admitted by personal limits; anybody may liquidate an
///         account whose equity is below its maintenance margin, and nobody one whose is not.
/// @dev USD and prices × 1e18, sizes in base units × 1e18 (positive long, negative short), rates in ppm, token amounts
///      in the token's own units. Values are rounded against the account.
contract PerpVenue is PerpLiquidations {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @notice Who may put another feed in the place of one that is dead.
    Successions public immutable successions;

    /// @notice Another feed took the place of one that was dead. From now on the market is only closed.
    event MarketSucceeded(bytes32 indexed market, address indexed feed, uint32 heartbeatSeconds);

    constructor(IERC20 collateralToken_, LimitBook limitBook_, address owner_, address guardian_)
        Guarded(owner_, guardian_)
        LimitGuarded(limitBook_)
        EIP712("Plimsoll PerpVenue", "1")
        PerpMoney(collateralToken_)
    {
        successions = new Successions(this);
    }

    /// @notice Trades at the oracle price. What raises the position must be admitted by its limit; what stays open must be
    ///         the market's least, or nothing.
    /// @param sizeDelta Base units × 1e18; positive buys, negative sells.
    /// @param limitPrice The worst price the caller takes, USD × 1e18.
    function open(bytes32 market, int256 sizeDelta, uint256 limitPrice) external nonReentrant whenNotPaused {
        if (sizeDelta == 0) revert ZeroAmount();
        uint256 price = _tradePrice(market, sizeDelta, limitPrice);
        _open(msg.sender, market, sizeDelta, price, _markets[market].config.feePpm);
        _requireLeast(msg.sender, market, price);
    }

    /// @notice Closes part of the caller's position at the oracle price, or all of it. Always allowed while the price
    ///         is fresh: requirements are a sum over markets, so closing anything never raises one, and it is free of
    ///         charge, so it never lowers equity but by rounding. What would leave less than the market's least is
    ///         refused, and closing all is not.
    /// @param size How much to close, base units × 1e18; the greatest uint256 closes all.
    /// @param limitPrice The worst price the caller takes, USD × 1e18.
    function reduce(bytes32 market, uint256 size, uint256 limitPrice) external nonReentrant {
        _reduce(msg.sender, market, size, limitPrice);
    }

    /// @notice Puts a living feed in the place of a dead one, and ends the opening of anything in its market.
    /// @param priceScale What brings its answers to USD × 1e18.
    function succeed(bytes32 market, IPriceFeed feed, uint32 heartbeatSeconds, uint256 priceScale) external {
        _requireAppointed(address(successions));
        Market storage m = _markets[market];
        m.config.feed = feed;
        m.config.heartbeatSeconds = heartbeatSeconds;
        m.config.maxOpenInterest = 0;
        m.priceScale = priceScale;
        emit MarketSucceeded(market, address(feed), heartbeatSeconds);
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
            AccountView memory account = _account(msg.sender, Prices.Fresh);
            if (account.raiseEquity < 0 || account.im > uint256(account.raiseEquity)) {
                revert MarginExceeded(account.im, account.raiseEquity);
            }
        }
        emit Withdrawn(msg.sender, amount, to);
        _transfer(to, amount);
    }
}
