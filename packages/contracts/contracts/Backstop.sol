// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BackstopInventory} from "./BackstopInventory.sol";
import {BackstopLayers} from "./BackstopLayers.sol";
import {BackstopQueue} from "./BackstopQueue.sol";
import {BackstopTerms} from "./BackstopTerms.sol";
import {Fixed} from "./Fixed.sol";
import {PerpVenue} from "./PerpVenue.sol";

/// @title Backstop
/// @notice Inherits positions that are too far gone, sells them in lots by Dutch auction, and has what is missing paid in
///         turn. Nothing is sold at a greater discount than was left behind for it, nothing below its floor, and never at
///         zero: without a bidder it is kept, and closed at the oracle price once nobody wanted it for long.
/// @dev USD and prices × 1e18, sizes in base units × 1e18, rates in ppm, token amounts in the token's own units.
contract Backstop is BackstopInventory, BackstopQueue, ReentrancyGuardTransient {
    /// @param size With its sign.
    /// @param penalty What the account paid. The token's own units.
    /// @param reward What the caller got of it. The token's own units.
    event Inherited(
        address indexed account,
        bytes32 indexed market,
        int256 size,
        uint256 price,
        uint256 penalty,
        address caller,
        uint256 reward
    );
    /// @param price What the bidder paid: the mark less the discount for a long, more for a short.
    /// @param discount What the backstop paid for it. The token's own units.
    event Sold(
        bytes32 indexed market, address indexed bidder, int256 size, uint256 mark, uint256 price, uint256 discount
    );
    /// @notice What was inherited was closed at the oracle price: nobody wanted it, or nothing is left to carry it.
    event Surrendered(bytes32 indexed market, int256 size);

    /// @notice More than the capital may carry.
    error CapacityExceeded(uint256 inventory, uint256 capacity);
    /// @notice More than the lot.
    error LotExceeded(uint256 size, uint256 lot);
    /// @notice The price is worse than the bidder's limit.
    error BidBeyondLimit(uint256 price, uint256 limitPrice);
    /// @notice No layer is left to pay the discount.
    error NotFunded(uint256 missing);
    /// @notice There is inventory to work off first.
    error NotFlat();
    /// @notice Bidders still have time.
    error TooSoon(uint256 notBefore);

    constructor(PerpVenue venue_, Terms memory terms_, address owner_, address guardian_)
        BackstopTerms(terms_, owner_, guardian_)
        BackstopLayers(venue_)
    {}

    /// @notice Takes a position over whose account is too far gone, within what the capital carries, and pays what the
    ///         account cannot. Anyone may call it, and gets a share of the penalty as collateral at the venue.
    function inherit(address account, bytes32 market) external nonReentrant whenNotPaused {
        (int256 size, uint256 price, uint256 penalty) = venue.inherit(account, market, _terms.penaltyPpm);
        uint256 reward = venue.pay(msg.sender, Math.mulDiv(penalty, _terms.callerPpm, 1e6));
        bool grew = _add(market, size, penalty - reward);
        emit Inherited(account, market, size, price, penalty, msg.sender, reward);
        if (grew) {
            (uint256 notional, uint256 most) = (inventoryNotional(), capacity());
            if (notional > most) revert CapacityExceeded(notional, most);
        }
        _settle(account);
        _settle(address(this));
    }

    /// @notice Buys from the lot on offer. The bidder's account at the venue takes the position at the mark, and gets the
    ///         discount as collateral; it must be admitted to what it then holds.
    /// @param size How much, base units × 1e18; the greatest uint256 takes the whole lot.
    /// @param limitPrice The worst price the bidder takes.
    function bid(bytes32 market, uint256 size, uint256 limitPrice) external nonReentrant whenNotPaused {
        Offer memory offer = offerOf(market);
        if (offer.size == 0) revert NoLot(market);
        bool long = offer.size > 0;
        uint256 taken = size == type(uint256).max ? Fixed.abs(offer.size) : size;
        if (taken == 0 || taken > Fixed.abs(offer.size)) revert LotExceeded(taken, Fixed.abs(offer.size));
        if (long ? offer.price > limitPrice : offer.price < limitPrice) revert BidBeyondLimit(offer.price, limitPrice);
        uint256 discount = _payDiscount(taken, offer);
        int256 moved = long ? int256(taken) : -int256(taken);
        uint256 mark = venue.handOn(msg.sender, market, moved);
        _take(market, offer, taken);
        emit Sold(market, msg.sender, moved, mark, offer.price, discount);
        _settle(address(this));
    }

    /// @notice Pays what an account without positions owes beyond its credit, as far as the layers reach. Anyone may call it.
    function cover(address account) external nonReentrant {
        if (_settle(account) == 0) revert NothingOwed(account);
    }

    /// @notice Shares out what the backstop's own account has, once nothing inherited is left.
    function shareIncome() external nonReentrant {
        if (!_isFlat()) revert NotFlat();
        _shareIncome();
    }

    /// @notice Closes one lot at the oracle price that nobody took for twelve auctions, or nobody can take. Anyone may call it.
    function unwind(bytes32 market) external nonReentrant {
        Offer memory offer = offerOf(market);
        if (offer.size == 0) revert NoLot(market);
        uint256 notBefore = offer.startedAt + PATIENCE * _terms.auctionSeconds;
        if (block.timestamp < notBefore) revert TooSoon(notBefore);
        _close(market, offer, Fixed.abs(offer.size));
    }

    /// @notice Closes what was inherited in a market at the oracle price, once all layers together no longer cover what
    ///         it has lost. Then winners pay. Anyone may call it.
    function surrender(bytes32 market) external nonReentrant {
        Offer memory offer = offerOf(market);
        if (offer.size == 0) revert NoLot(market);
        uint256 left = Math.saturatingSub(_funds(), _loss(0));
        if (left != 0) revert OutOfTurn(left);
        offer.size = offer.inventory;
        _close(market, offer, Fixed.abs(offer.inventory));
    }

    /// @notice Holds the next `limit` accounts of the book against the queue, for a book too large for one call. Anyone
    ///         may call it, each caller for himself.
    function checkQueue(address loser, Winner[] calldata queue, uint256 limit) external nonReentrant {
        _check(loser, queue, limit);
    }

    /// @notice Pays what is still owed by the profit of winners, by rank: profit times leverage. Anyone may call it with
    ///         the queue; what of the book was not held against it yet is now.
    /// @param loser The backstop itself, or an account without positions.
    /// @param queue As many as it takes, the highest rank first; equal ranks by account, then by market.
    function deleverage(address loser, Winner[] calldata queue) external nonReentrant {
        _takeProfits(loser, queue);
    }

    /// @dev The own account pays first, then the layers.
    function _payDiscount(uint256 taken, Offer memory offer) private returns (uint256 discount) {
        uint256 gap = Fixed.abs(int256(offer.mark) - int256(offer.price));
        discount = Math.mulDiv(taken, gap, 1e18) / _tokenScale;
        if (discount == 0) return 0;
        uint256 missing = discount - venue.pay(msg.sender, discount);
        if (missing == 0) return discount;
        uint256 drawn = _draw(msg.sender, missing);
        if (drawn != missing) revert NotFunded(missing - drawn);
        venue.depositFor(msg.sender, missing);
    }

    function _close(bytes32 market, Offer memory offer, uint256 size) private {
        venue.reduce(market, size, offer.size > 0 ? 0 : type(uint256).max);
        _take(market, offer, size);
        emit Surrendered(market, offer.size);
        _settle(address(this));
    }
}
