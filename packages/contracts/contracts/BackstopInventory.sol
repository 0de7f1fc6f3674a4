// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {BackstopLayers} from "./BackstopLayers.sol";
import {Fixed} from "./Fixed.sol";
import {PerpMarkets} from "./PerpMarkets.sol";
import {ITrancheBooks} from "./Tranche.sol";

/// @title BackstopInventory
/// @notice What was inherited, and at what price it is on offer. Beside each market's inventory stands its charge: what
///         the accounts that it came from left behind for it. No discount is greater than the charge of what is sold, at
///         whatever time: so whoever lets his own position be inherited gets back no more than he left, however long he
///         waits, and layers pay for no bidder's gain.
/// @dev USD and prices × 1e18, sizes in base units × 1e18, charges in the token's own units.
abstract contract BackstopInventory is BackstopLayers, ITrancheBooks {
    using EnumerableSet for EnumerableSet.Bytes32Set;

    /// @notice What is offered in a market now.
    /// @param inventory All there is, with its sign.
    /// @param size Of the lot on offer, with its sign.
    /// @param price What a bidder pays for a long, or is credited with for a short.
    /// @param discountPpm From the mark, to the bidder's advantage; rounded down.
    struct Offer {
        int256 inventory;
        int256 size;
        uint256 mark;
        uint256 price;
        uint32 discountPpm;
        uint64 startedAt;
    }

    struct Inventory {
        int256 size;
        uint192 charge;
        uint64 startedAt;
    }

    /// @notice Inventory keeps queued shares from leaving for at most so long.
    uint64 public constant LONGEST_LOCK_SECONDS = 7 days;
    /// @notice A lot that nobody took for so many auctions may be closed at the oracle price.
    uint256 public constant PATIENCE = 12;

    /// @notice Since when there is inventory; 0 while there is none.
    uint64 public openSince;
    EnumerableSet.Bytes32Set private _open;
    mapping(bytes32 market => Inventory) private _inventory;

    /// @notice Nothing is on offer in this market.
    error NoLot(bytes32 market);

    /// @notice What is on offer in a market. In one that is only closed nobody can take it over: all of it is one lot, at the
    ///         mark, for whoever it closes, and has been on offer for long enough to be unwound at once.
    function offerOf(bytes32 market) public view returns (Offer memory offer) {
        Inventory memory inventory = _inventory[market];
        (offer.inventory, offer.startedAt) = (inventory.size, inventory.startedAt);
        if (inventory.size == 0) return offer;
        PerpMarkets.MarketView memory m = venue.marketOf(market);
        offer.mark = m.price;
        if (offer.mark == 0) return offer; // its feed is dead: nothing is on offer
        if (m.maxOpenInterest == 0) {
            (offer.size, offer.price, offer.startedAt) = (inventory.size, offer.mark, 0);
            return offer;
        }
        uint256 all = Fixed.abs(inventory.size);
        uint256 lot = Math.min(Math.mulDiv(_terms.lotNotional, 1e18, offer.mark, Math.Rounding.Ceil), all);
        offer.size = inventory.size > 0 ? int256(lot) : -int256(lot);
        uint256 off = Math.mulDiv(offer.mark, discountAt(block.timestamp - inventory.startedAt), 1e6);
        off = Math.min(off, Math.mulDiv(inventory.charge * _tokenScale, 1e18, all));
        offer.discountPpm = uint32(Math.mulDiv(off, 1e6, offer.mark));
        offer.price = inventory.size > 0 ? offer.mark - off : offer.mark + off;
    }

    /// @notice What the accounts that a market's inventory came from left behind for it. The token's own units.
    function chargeOf(bytes32 market) external view returns (uint256) {
        return _inventory[market].charge;
    }

    /// @notice Markets in which there is inventory.
    function openMarkets() external view returns (bytes32[] memory) {
        return _open.values();
    }

    /// @notice Notional of all that was inherited, USD × 1e18.
    function inventoryNotional() public view returns (uint256 notional) {
        (notional,) = _outstanding();
    }

    /// @notice Greatest notional that the capital which stays, less what is lost already, may carry. USD × 1e18.
    function capacity() public view returns (uint256) {
        uint256 staying = junior.held() + insurance() + senior.held();
        return Math.mulDiv(Math.saturatingSub(staying, _loss(0)) * _tokenScale, _terms.inventoryPpm, 1e6);
    }

    /// @inheritdoc ITrancheBooks
    function pendingLossOf(address tranche) external view returns (uint256 atMark, uint256 atWorst) {
        if (_isFlat() && venue.accountOf(address(this)).unsettledLoss == 0) return (0, 0);
        (, uint256 discount) = _outstanding();
        atMark = _shareOf(tranche, _loss(0));
        atWorst = _shareOf(tranche, _loss(discount));
    }

    /// @inheritdoc ITrancheBooks
    /// @dev Nobody comes for a gain that others made, nor in or out on a stale price; and while something is inherited
    ///      nobody leaves, but for no longer than the longest lock.
    function gates() external view returns (bool entry, bool exit) {
        bool fresh = true;
        for (uint256 i = 0; i < _open.length(); ++i) {
            fresh = fresh && venue.marketOf(_open.at(i)).fresh;
        }
        entry = fresh && !paused() && _result() <= 0;
        exit = fresh && (_isFlat() || block.timestamp >= openSince + LONGEST_LOCK_SECONDS);
    }

    function _isFlat() internal view returns (bool) {
        return _open.length() == 0;
    }

    /// @dev Adds what was inherited. What takes away from the other side needs no discount, and leaves its charge as income.
    /// @param charge The token's own units.
    /// @return grew Whether there is more inventory than before.
    function _add(bytes32 market, int256 size, uint256 charge) internal returns (bool grew) {
        Inventory memory inventory = _inventory[market];
        int256 before = inventory.size;
        inventory.size = before + size;
        grew = Fixed.abs(inventory.size) > Fixed.abs(before);
        if (before == 0 || (before > 0) == (size > 0)) {
            inventory.charge += uint192(charge);
        } else if (inventory.size == 0 || (before > 0) == (inventory.size > 0)) {
            inventory.charge = _part(inventory.charge, inventory.size, before);
        } else {
            inventory.charge = _part(uint192(charge), inventory.size, size);
        }
        bool same = before != 0 && inventory.size != 0 && (before > 0) == (inventory.size > 0);
        if (!same) inventory.startedAt = uint64(block.timestamp);
        _store(market, inventory);
    }

    /// @dev Takes away what was sold or closed, with its share of the charge. Time goes back by the part of the lot that
    ///      went, so that the next lot starts at the mark, and who takes a crumb stops no discount.
    function _take(bytes32 market, Offer memory offer, uint256 taken) internal {
        Inventory memory inventory = _inventory[market];
        uint256 lot = Fixed.abs(offer.size);
        inventory.size = offer.inventory > 0 ? offer.inventory - int256(taken) : offer.inventory + int256(taken);
        inventory.charge = _part(inventory.charge, inventory.size, offer.inventory);
        uint256 elapsed = Math.min(block.timestamp - inventory.startedAt, PATIENCE * _terms.auctionSeconds);
        elapsed = Math.mulDiv(elapsed, lot - taken, lot, Math.Rounding.Ceil);
        inventory.startedAt = uint64(block.timestamp - elapsed);
        _store(market, inventory);
    }

    function _store(bytes32 market, Inventory memory inventory) private {
        _inventory[market] = inventory;
        if (inventory.size != 0) _open.add(market);
        else _open.remove(market);
        if (_isFlat()) openSince = 0;
        else if (openSince == 0) openSince = uint64(block.timestamp);
    }

    function _part(uint192 charge, int256 size, int256 of_) private pure returns (uint192) {
        return uint192(Math.mulDiv(charge, Fixed.abs(size), Fixed.abs(of_)));
    }

    /// @dev Notional of all that was inherited, and the greatest discount it may still be sold at in all. USD × 1e18.
    function _outstanding() private view returns (uint256 notional, uint256 discount) {
        for (uint256 i = 0; i < _open.length(); ++i) {
            Inventory memory inventory = _inventory[_open.at(i)];
            uint256 price = venue.marketOf(_open.at(i)).price;
            _requirePrice(_open.at(i), price);
            uint256 worth = Fixed.notional(Fixed.abs(inventory.size), price);
            notional += worth;
            discount += Math.min(Fixed.ofPpm(worth, _terms.discountHighPpm), inventory.charge * _tokenScale);
        }
    }
}
