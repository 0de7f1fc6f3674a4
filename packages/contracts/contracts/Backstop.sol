// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {BackstopTerms} from "./BackstopTerms.sol";
import {Fixed} from "./Fixed.sol";
import {PerpPositions} from "./PerpPositions.sol";
import {PerpVenue} from "./PerpVenue.sol";
import {ITrancheBooks, Tranche} from "./Tranche.sol";

/// @title Backstop
/// @notice Inherits positions that are too far gone, sells them in lots by Dutch auction, and pays what is missing: what
///         its own account at the venue has, which is what penalties and gains brought, then the junior tranche, the
///         insurance fund, the senior tranche, and at last the winners' profit. Nothing is sold below its floor, and
///         never at zero: without a bidder it is kept.
/// @dev USD and prices × 1e18, sizes in base units × 1e18, rates in ppm, token amounts in the token's own units. What it
///      holds itself is the insurance fund; the tranches hold their own.
contract Backstop is BackstopTerms, ReentrancyGuardTransient, ITrancheBooks {
    using SafeERC20 for IERC20;
    using EnumerableSet for EnumerableSet.Bytes32Set;

    /// @notice Who pays, in this order.
    enum Layer {
        Junior,
        Insurance,
        Senior
    }

    /// @notice What is offered in a market now.
    /// @param inventory All there is, with its sign.
    /// @param size Of the lot on offer, with its sign.
    /// @param price What a bidder pays for a long, or is credited with for a short.
    /// @param discountPpm From the mark, to the bidder's advantage.
    struct Offer {
        int256 inventory;
        int256 size;
        uint256 mark;
        uint256 price;
        uint32 discountPpm;
        uint64 startedAt;
    }

    /// @notice A position whose profit pays.
    struct Winner {
        address account;
        bytes32 market;
    }

    struct Inventory {
        int256 size;
        uint64 startedAt;
    }

    /// @notice Inventory keeps queued shares from leaving for at most so long.
    uint64 public constant LONGEST_LOCK_SECONDS = 7 days;

    /// @notice First to pay, and best paid.
    Tranche public immutable junior;
    /// @notice Last to pay.
    Tranche public immutable senior;
    PerpVenue public immutable venue;
    IERC20 private immutable _token;
    uint256 private immutable _tokenScale;

    /// @notice Since when there is inventory; 0 while there is none.
    uint64 public openSince;
    EnumerableSet.Bytes32Set private _open;
    mapping(bytes32 market => Inventory) private _inventory;

    /// @param size With its sign.
    /// @param penalty What the account paid. The token's own units.
    event Inherited(
        address indexed account, bytes32 indexed market, int256 size, uint256 price, uint256 penalty, address caller
    );
    /// @param price What the bidder paid: the mark less the discount for a long, more for a short.
    /// @param discount What the backstop paid for it. The token's own units.
    event Sold(
        bytes32 indexed market, address indexed bidder, int256 size, uint256 mark, uint256 price, uint256 discount
    );
    /// @notice A layer paid for an account, or for a discount to it. The token's own units.
    event LayerPaid(Layer indexed layer, address indexed account, uint256 amount);
    /// @notice Income was shared out. The token's own units; the fund's is what no tranche was there to take.
    event IncomeShared(uint256 junior, uint256 senior, uint256 insurance);
    /// @notice What was inherited was closed at the oracle price, since nothing is left to carry it.
    event Surrendered(bytes32 indexed market, int256 size);

    /// @notice More than the capital may carry.
    error CapacityExceeded(uint256 inventory, uint256 capacity);
    /// @notice Nothing is on offer in this market.
    error NoLot(bytes32 market);
    /// @notice More than the lot.
    error LotExceeded(uint256 size, uint256 lot);
    /// @notice The price is worse than the bidder's limit.
    error BidBeyondLimit(uint256 price, uint256 limitPrice);
    /// @notice No layer is left to pay the discount.
    error NotFunded(uint256 missing);
    /// @notice The account owes nothing that the backstop pays.
    error NothingOwed(address account);
    /// @notice Whoever is before still has something to pay with.
    error OutOfTurn(uint256 left);
    /// @notice The queue is not the ranked one: by place, or because somebody of a higher rank is missing.
    error OutOfRank(uint256 place);
    /// @notice There is inventory to work off first.
    error NotFlat();

    constructor(PerpVenue venue_, Terms memory terms_, address owner_, address guardian_)
        BackstopTerms(terms_, owner_, guardian_)
    {
        venue = venue_;
        IERC20 token = venue_.collateralToken();
        _token = token;
        _tokenScale = 10 ** (18 - IERC20Metadata(address(token)).decimals());
        junior = new Tranche(token, "Plimsoll backstop, junior", "pbJ", terms_.cooldownSeconds, terms_.exitSeconds);
        senior = new Tranche(token, "Plimsoll backstop, senior", "pbS", terms_.cooldownSeconds, terms_.exitSeconds);
        token.forceApprove(address(venue_), type(uint256).max);
        token.forceApprove(address(junior), type(uint256).max);
        token.forceApprove(address(senior), type(uint256).max);
    }

    /// @notice Takes a position over whose account is too far gone, within what the capital carries, and pays what the
    ///         account cannot. Anyone may call it.
    function inherit(address account, bytes32 market) external nonReentrant whenNotPaused {
        (int256 size, uint256 price, uint256 penalty) = venue.inherit(account, market, _terms.penaltyPpm);
        Inventory storage inventory = _inventory[market];
        int256 before = inventory.size;
        _setInventory(market, before + size);
        emit Inherited(account, market, size, price, penalty, msg.sender);
        if (Fixed.abs(before + size) > Fixed.abs(before)) {
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
        int256 moved = long ? int256(taken) : -int256(taken);
        uint256 discount = _discountOf(taken, offer);
        if (discount != 0) {
            uint256 drawn = _draw(msg.sender, discount);
            if (drawn != discount) revert NotFunded(discount - drawn);
            venue.depositFor(msg.sender, discount);
        }
        uint256 mark = venue.handOn(msg.sender, market, moved);
        _setInventory(market, offer.inventory - moved);
        _inventory[market].startedAt = uint64(block.timestamp);
        emit Sold(market, msg.sender, moved, mark, offer.price, discount);
        _settle(address(this));
    }

    /// @notice Pays what an account without positions owes beyond its credit, as far as the layers reach. Anyone may call it.
    function cover(address account) external nonReentrant {
        if (_settle(account) == 0) revert NothingOwed(account);
    }

    /// @notice Shares out what the backstop's own account has, once nothing inherited is left.
    function shareIncome() external nonReentrant {
        if (_open.length() != 0) revert NotFlat();
        uint256 income = venue.accountOf(address(this)).collateral / _tokenScale;
        if (income == 0) revert NothingOwed(address(this));
        venue.withdraw(income, address(this));
        uint256 toJunior = junior.totalSupply() == 0 ? 0 : Math.mulDiv(income, juniorSharePpm(), 1e6);
        uint256 toSenior = senior.totalSupply() == 0 ? 0 : income - Math.mulDiv(income, juniorSharePpm(), 1e6);
        if (toJunior != 0) junior.earn(toJunior);
        if (toSenior != 0) senior.earn(toSenior);
        emit IncomeShared(toJunior, toSenior, income - toJunior - toSenior);
    }

    /// @notice Closes what was inherited in a market at the oracle price, once all layers together no longer cover what
    ///         it has lost. Then winners pay. Anyone may call it.
    function surrender(bytes32 market) external nonReentrant {
        int256 size = _inventory[market].size;
        if (size == 0) revert NoLot(market);
        uint256 left = Math.saturatingSub(_funds(), _loss(0));
        if (left != 0) revert OutOfTurn(left);
        venue.reduce(market, type(uint256).max, size > 0 ? 0 : type(uint256).max);
        _setInventory(market, 0);
        emit Surrendered(market, size);
        _settle(address(this));
    }

    /// @notice Pays what is still owed by the profit of winners, by rank: profit times leverage. Anyone may call it with
    ///         the queue; it is checked that it is in order, and that nobody of a higher rank is missing.
    /// @param loser The backstop itself, or an account without positions.
    /// @param queue As many as it takes, the highest rank first; equal ranks by account, then by market.
    function deleverage(address loser, Winner[] calldata queue) external nonReentrant {
        _settle(loser);
        if (_funds() != 0) revert OutOfTurn(_funds());
        uint256 owed = _owedBy(loser);
        if (owed == 0) revert NothingOwed(loser);
        uint256 last = _requireRanked(queue, owed);
        for (uint256 i = 0; i <= last; ++i) {
            owed -= venue.forfeit(queue[i].account, queue[i].market, loser, owed);
        }
    }

    /// @notice What is on offer in a market.
    function offerOf(bytes32 market) public view returns (Offer memory offer) {
        Inventory storage inventory = _inventory[market];
        offer.inventory = inventory.size;
        offer.startedAt = inventory.startedAt;
        if (inventory.size == 0) return offer;
        offer.mark = venue.marketOf(market).price;
        uint256 lot = Math.mulDiv(_terms.lotNotional, 1e18, offer.mark, Math.Rounding.Ceil);
        lot = Math.min(lot, Fixed.abs(inventory.size));
        offer.size = inventory.size > 0 ? int256(lot) : -int256(lot);
        offer.discountPpm = discountAt(block.timestamp - inventory.startedAt);
        uint256 off = Math.mulDiv(offer.mark, offer.discountPpm, 1e6);
        offer.price = inventory.size > 0 ? offer.mark - off : offer.mark + off;
    }

    /// @notice Markets in which there is inventory.
    function openMarkets() external view returns (bytes32[] memory) {
        return _open.values();
    }

    /// @notice The insurance fund. The token's own units.
    function insurance() public view returns (uint256) {
        return _token.balanceOf(address(this));
    }

    /// @notice Notional of all that was inherited, USD × 1e18.
    function inventoryNotional() public view returns (uint256 notional) {
        for (uint256 i = 0; i < _open.length(); ++i) {
            bytes32 market = _open.at(i);
            notional += Fixed.notional(Fixed.abs(_inventory[market].size), venue.marketOf(market).price);
        }
    }

    /// @notice Greatest notional that the capital, less what is lost already, may carry. USD × 1e18.
    function capacity() public view returns (uint256) {
        return Math.mulDiv(Math.saturatingSub(_funds(), _loss(0)) * _tokenScale, _terms.inventoryPpm, 1e6);
    }

    /// @inheritdoc ITrancheBooks
    function pendingLossOf(address tranche) external view returns (uint256 atMark, uint256 atWorst) {
        if (_open.length() == 0 && venue.accountOf(address(this)).unsettledLoss == 0) return (0, 0);
        atMark = _shareOf(tranche, _loss(0));
        atWorst = _shareOf(tranche, _loss(_terms.discountHighPpm));
    }

    /// @inheritdoc ITrancheBooks
    /// @dev Nobody comes for a gain that others made, nor in or out on a stale price; and while something is inherited
    ///      nobody leaves, but for no longer than the longest lock.
    function gates() external view returns (bool entry, bool exit) {
        bool fresh = true;
        for (uint256 i = 0; i < _open.length(); ++i) {
            fresh = fresh && venue.marketOf(_open.at(i)).fresh;
        }
        bool flat = _open.length() == 0;
        entry = fresh && !paused() && _result() <= 0;
        exit = fresh && (flat || block.timestamp >= openSince + LONGEST_LOCK_SECONDS);
    }

    /// @notice By how much a position is in the queue of winners: profit times leverage. 0: not in it.
    function rankOf(address account, bytes32 market) external view returns (uint256) {
        return _rankIn(venue.accountOf(account), market);
    }

    function _setInventory(bytes32 market, int256 size) private {
        Inventory storage inventory = _inventory[market];
        bool same = (inventory.size > 0 && size > 0) || (inventory.size < 0 && size < 0);
        if (!same) inventory.startedAt = uint64(block.timestamp);
        inventory.size = size;
        if (size != 0) _open.add(market);
        else _open.remove(market);
        if (_open.length() == 0) openSince = 0;
        else if (openSince == 0) openSince = uint64(block.timestamp);
    }

    function _discountOf(uint256 size, Offer memory offer) private view returns (uint256) {
        uint256 gap = Fixed.abs(int256(offer.mark) - int256(offer.price));
        return Math.mulDiv(size, gap, 1e18) / _tokenScale;
    }

    /// @dev Pays what an account owes beyond its credit from the layers in turn. The token's own units.
    function _settle(address account) private returns (uint256 paid) {
        uint256 owed = _owedBy(account);
        if (owed == 0) return 0;
        paid = _draw(account, owed);
        if (paid != 0) venue.coverLoss(account, paid, "backstop");
    }

    /// @dev What the layers are asked for: of an account only once it has no position left, of the backstop always.
    function _owedBy(address account) private view returns (uint256) {
        PerpPositions.AccountView memory view_ = venue.accountOf(account);
        if (account == address(this)) return view_.unsettledLoss / _tokenScale;
        if (view_.positions.length != 0) return 0;
        return Math.saturatingSub(view_.unsettledLoss, view_.credit) / _tokenScale;
    }

    /// @dev Junior first, then the fund, then senior. What comes in lies here until it is paid on at once.
    function _draw(address account, uint256 amount) private returns (uint256 drawn) {
        uint256 fund = insurance();
        uint256 part = junior.draw(amount);
        if (part != 0) emit LayerPaid(Layer.Junior, account, part);
        drawn = part;
        part = Math.min(amount - drawn, fund);
        if (part != 0) emit LayerPaid(Layer.Insurance, account, part);
        drawn += part;
        part = senior.draw(amount - drawn);
        if (part != 0) emit LayerPaid(Layer.Senior, account, part);
        drawn += part;
    }

    function _funds() private view returns (uint256) {
        return junior.held() + insurance() + senior.held();
    }

    /// @dev What the own account at the venue has made so far, USD × 1e18; signed.
    function _result() private view returns (int256) {
        PerpPositions.AccountView memory view_ = venue.accountOf(address(this));
        return view_.equity - int256(view_.credit);
    }

    /// @dev What would have to be paid if all were closed at a discount from the mark. The token's own units, rounded up.
    function _loss(uint256 discountPpm) private view returns (uint256) {
        int256 left = _result() - int256(Fixed.ofPpm(inventoryNotional(), discountPpm));
        return left >= 0 ? 0 : Math.ceilDiv(uint256(-left), _tokenScale);
    }

    function _shareOf(address tranche, uint256 loss) private view returns (uint256) {
        uint256 first = junior.held();
        if (tranche == address(junior)) return Math.min(loss, first);
        return Math.min(Math.saturatingSub(loss, first + insurance()), senior.held());
    }

    /// @dev A profit of less than a token's unit pays nothing, and has no rank.
    function _rankIn(PerpPositions.AccountView memory view_, bytes32 market) private view returns (uint256) {
        if (view_.equity <= 0) return 0;
        for (uint256 i = 0; i < view_.positions.length; ++i) {
            PerpPositions.PositionView memory position = view_.positions[i];
            if (position.market != market || position.unrealised < int256(_tokenScale)) continue;
            return Math.mulDiv(uint256(position.unrealised), position.notional, uint256(view_.equity));
        }
        return 0;
    }

    /// @dev The queue must be the head of the ranked list: in order, nobody twice, and as many positions of a higher rank
    ///      than its last one in it as there are in all.
    /// @return last Whose profit completes what is owed, or the end of the queue.
    function _requireRanked(Winner[] calldata queue, uint256 owed) private view returns (uint256 last) {
        if (queue.length == 0) revert OutOfRank(0);
        uint256[] memory ranks = new uint256[](queue.length);
        uint256 sum = 0;
        for (uint256 i = 0; i < queue.length; ++i) {
            PerpPositions.AccountView memory view_ = venue.accountOf(queue[i].account);
            if (queue[i].account == address(this)) revert OutOfRank(i);
            ranks[i] = _rankIn(view_, queue[i].market);
            if (ranks[i] == 0 || (i > 0 && !_follows(queue, ranks, i))) revert OutOfRank(i);
            last = i;
            sum += _profitIn(view_, queue[i].market) / _tokenScale;
            if (sum >= owed) break;
        }
        // A queue that does not pay all must leave nobody out who has anything.
        uint256 threshold = sum >= owed ? ranks[last] : 0;
        uint256 above = 0;
        while (above < queue.length && above <= last && ranks[above] > threshold) ++above;
        if (_countAbove(threshold) != above) revert OutOfRank(above);
    }

    function _follows(Winner[] calldata queue, uint256[] memory ranks, uint256 i) private pure returns (bool) {
        if (ranks[i] != ranks[i - 1]) return ranks[i] < ranks[i - 1];
        if (queue[i].account != queue[i - 1].account) return queue[i].account > queue[i - 1].account;
        return queue[i].market > queue[i - 1].market;
    }

    function _profitIn(PerpPositions.AccountView memory view_, bytes32 market) private pure returns (uint256) {
        for (uint256 i = 0; i < view_.positions.length; ++i) {
            if (view_.positions[i].market == market) return uint256(view_.positions[i].unrealised);
        }
        return 0;
    }

    /// @dev Over everybody with a position; the backstop itself gives no profit up.
    function _countAbove(uint256 threshold) private view returns (uint256 count) {
        (address[] memory holders,) = venue.accountsWithPositions(0, type(uint256).max);
        for (uint256 i = 0; i < holders.length; ++i) {
            if (holders[i] == address(this)) continue;
            PerpPositions.AccountView memory view_ = venue.accountOf(holders[i]);
            for (uint256 j = 0; j < view_.positions.length; ++j) {
                if (_rankIn(view_, view_.positions[j].market) > threshold) ++count;
            }
        }
    }
}
